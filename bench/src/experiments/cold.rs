//! First responses of tenants that were never started since the server began.

use std::time::Duration;

use crate::{
    args::{Args, Name},
    contenders::{Contender, insula::Insula, workerd::Workerd},
    error::BenchError,
    figures::Figure,
    http::Connection,
    process::pause,
    report::{Report, Unit},
};

/// Long enough for a pool of prepared isolates to be filled up again.
pub const UNHURRIED: Duration = Duration::from_millis(25);

/// Tenants with a cordon of their own, and a gap that is long enough for the next spare one.
const OWN_TENANTS: u32 = 20;
const ONE_AT_A_TIME: Duration = Duration::from_secs(1);

pub fn run(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    let tenants = args.cold_tenants;
    if args.has(Name::Insula) {
        let mut insula = Insula::start(args)?;
        insula.deploy(tenants)?;
        // Deploying checks the code in an isolate; only a new server has surely started none.
        let insula = insula.restart()?;
        let half = tenants / 2;
        let unhurried = first_responses(&insula, 1..=half, UNHURRIED)?;
        let in_a_row = first_responses(&insula, half + 1..=tenants, Duration::ZERO)?;
        add_rows(report, "one every 25 ms", unhurried);
        add_rows(report, "back to back", in_a_row);
        drop(insula);
        own_processes(args, report)?;
    }
    if args.has(Name::Workerd) {
        // workerd starts every worker with the process, so there is no first request to measure.
        let alone = Workerd::start(args, 1)?.started_in;
        let all = Workerd::start(args, tenants)?.started_in;
        let each = all.saturating_sub(alone).as_secs_f64() * 1e3 / f64::from(tenants.max(1));
        report.row(
            format!("start of one worker, at the process's start ({tenants} workers)"),
            Unit::Milliseconds,
            [(Name::Workerd, vec![each])],
        );
    }
    Ok(())
}

/// Tenants in cordons of their own, as long as there are spare ones.
fn own_processes(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    let mut insula = Insula::start(args)?;
    insula.deploy_with(OWN_TENANTS, &["--wall", "process"])?;
    let insula = insula.restart()?;
    let times = first_responses(&insula, 1..=OWN_TENANTS, ONE_AT_A_TIME)?;
    add_rows(report, "wall `process`, one a second", times);
    Ok(())
}

pub fn first_responses(
    insula: &Insula,
    tenants: std::ops::RangeInclusive<u32>,
    gap: Duration,
) -> Result<Vec<f64>, BenchError> {
    let mut connection = Connection::open(insula.address())?;
    let mut times = Vec::new();
    for tenant in tenants {
        pause(gap);
        let (time, status) = connection.get(&format!("t{tenant}.{}", insula.domain()))?;
        if status != 200 {
            let why = format!("t{tenant}'s first response had status {status}");
            return Err(BenchError::Answers { name: "insula", why });
        }
        times.push(time.as_secs_f64() * 1e3);
    }
    Ok(times)
}

fn add_rows(report: &mut Report, how: &str, times: Vec<f64>) {
    let Some(figure) = Figure::new(times) else { return };
    for percent in [50.0, 99.0] {
        report.row(
            format!("first response of a never-started tenant, {how}, p{percent}"),
            Unit::Milliseconds,
            [(Name::Insula, vec![figure.percentile(percent)])],
        );
    }
}
