//! Memory of tenants that have answered once and now wait.

use std::time::Duration;

use crate::{
    args::{Args, Name},
    contenders::{Contender, insula::Insula, workerd::Workerd},
    error::BenchError,
    http::Connection,
    process::{Occupation, occupation, pause},
    report::{Report, Unit},
};

/// For what follows the last answer: frees, and for Insula the collection of an isolate that has had nothing
/// to do for 10 s.
const SETTLE: Duration = Duration::from_secs(15);

pub fn run(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    let tenants = args.idle_tenants;
    let mut measured = Vec::new();
    if args.has(Name::Insula) {
        measured.push((Name::Insula, vec![of_insula(args, tenants, report)?]));
    }
    if args.has(Name::Workerd) {
        measured.push((Name::Workerd, vec![of_workerd(args, tenants)?]));
    }
    report.row(format!("memory of an idle tenant, {tenants} of them"), Unit::Megabytes, measured);
    Ok(())
}

/// Counts the host's share too: routes, links and buffers for each tenant.
fn of_insula(args: &Args, tenants: u32, report: &mut Report) -> Result<f64, BenchError> {
    let mut insula = Insula::start(args)?;
    insula.deploy(tenants)?;
    let insula = insula.restart()?;
    pause(SETTLE);
    let before = occupation(insula.pid())?;
    ask_everyone(&insula, tenants)?;
    pause(SETTLE);
    let after = occupation(insula.pid())?;
    let threads = after.threads.saturating_sub(before.threads);
    report.note(format!(
        "Idle tenants: Insula's processes had {threads} more threads with {tenants} tenants awake \
         than before (an isolate is a thread; fewer threads than tenants means that some were put to sleep)."
    ));
    if !after.is_proportional {
        report.note(
            "Idle tenants: Insula's sandboxed processes hide their proportional memory from this user, \
             so their resident memory was taken, which is more; run as root for the exact figure.",
        );
    }
    Ok(growth_in_megabytes(before, after, tenants))
}

/// All workers live from the start; one worker alone is the process without tenants.
fn of_workerd(args: &Args, tenants: u32) -> Result<f64, BenchError> {
    let alone = Workerd::start(args, 1)?;
    ask_everyone(&alone, 1)?;
    pause(SETTLE);
    let before = occupation(alone.pid())?;
    drop(alone);
    let all = Workerd::start(args, tenants)?;
    ask_everyone(&all, tenants)?;
    pause(SETTLE);
    Ok(growth_in_megabytes(before, occupation(all.pid())?, tenants))
}

fn ask_everyone(contender: &dyn Contender, tenants: u32) -> Result<(), BenchError> {
    let mut connection = Connection::open(contender.address())?;
    for tenant in 1..=tenants {
        let (_, status) = connection.get(&format!("t{tenant}.{}", contender.domain()))?;
        if status != 200 {
            let why = format!("t{tenant} answered with status {status}");
            return Err(BenchError::Answers { name: contender.name().title(), why });
        }
    }
    Ok(())
}

fn growth_in_megabytes(before: Occupation, after: Occupation, tenants: u32) -> f64 {
    after.memory.saturating_sub(before.memory) as f64 / f64::from(tenants.max(1)) / 1e6
}
