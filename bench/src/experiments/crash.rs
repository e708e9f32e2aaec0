//! What the crash of a cordon costs its tenants, and those of another cordon under load.

use std::{process::Command, thread, time::Duration};

use crate::{
    args::{Args, Name},
    contenders::{Contender, insula::Insula},
    error::BenchError,
    http::Connection,
    process::{Thread, pause, threads_named},
    report::{Report, Unit},
    wrk,
};

/// Tenants in each of two cordons.
const TENANTS: u32 = 50;
/// Requests by which an isolate's thread is told from the others.
const PROBES: u32 = 100;
/// Of the load, before the crash.
const WELL_UNDER_WAY: Duration = Duration::from_millis(500);
/// Later than this is not at once.
const AT_ONCE_MS: f64 = 100.0;
/// What the load has to get through, however long it takes.
const UNDISTURBED: u64 = 100_000;

/// SIGSEGV, and the number of the system call that sends it to one thread.
const FAULT: i32 = 11;
const TGKILL: u32 = if cfg!(target_arch = "x86_64") { 234 } else { 131 };

pub fn run(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    if !args.has(Name::Insula) {
        return Ok(());
    }
    let mut insula = Insula::start(args)?;
    for tenant in TENANTS + 1..=2 * TENANTS {
        insula.set_level(tenant, "crashing")?;
    }
    insula.deploy(2 * TENANTS)?;
    let (mut requests, mut slowest, mut late, mut failed) = (0, Vec::new(), 0, 0);
    for round in 0.. {
        if round >= args.rounds && requests >= UNDISTURBED {
            break;
        }
        // Another one each time: who crashed a cordon lives alone from then on.
        let victim = thread_of(&insula, 2 * TENANTS - round % TENANTS)?;
        let answers = thread::scope(|scope| {
            let load = scope.spawn(|| wrk::run(args, &insula, TENANTS, args.seconds));
            pause(WELL_UNDER_WAY);
            let answers = crash(&insula, &victim);
            // The load fails the run if one of its answers is no success.
            let load = load.join().map_err(|_| BenchError::Answers {
                name: "insula",
                why: "the load broke down".to_owned(),
            })??;
            requests += load.requests;
            answers
        })?;
        slowest.push(answers.iter().map(|(ms, _)| *ms).fold(0.0, f64::max));
        late += answers.iter().filter(|(ms, _)| *ms > AT_ONCE_MS).count();
        failed += answers.iter().filter(|(_, status)| *status != 200).count();
    }
    let rounds = slowest.len();
    report.row(
        format!("after a crash, the slowest next answer of {TENANTS} tenants"),
        Unit::Milliseconds,
        [(Name::Insula, slowest)],
    );
    let all = rounds * TENANTS as usize;
    report.note(format!(
        "Crashes: {rounds}, each a fault on an isolate's thread. Of the {all} next requests of that \
         cordon's tenants {failed} failed and {late} took more than {AT_ONCE_MS} ms. Meanwhile {requests} \
         requests to another cordon's tenants: 0 failed."
    ));
    Ok(())
}

/// The thread of a tenant's isolate: the one that works while no other tenant is asked.
fn thread_of(insula: &Insula, tenant: u32) -> Result<Thread, BenchError> {
    let mut connection = Connection::open(insula.address())?;
    for each in TENANTS + 1..=2 * TENANTS {
        connection.get(&format!("t{each}.{}", insula.domain()))?;
    }
    let before = threads_named(insula.pid(), "isolate")?;
    for _ in 0..PROBES {
        connection.get(&format!("t{tenant}.{}", insula.domain()))?;
    }
    let worked = |thread: &Thread| {
        let was = before.iter().find(|was| was.id == thread.id).map_or(0, |was| was.ran);
        thread.ran.saturating_sub(was)
    };
    let thread = threads_named(insula.pid(), "isolate")?.into_iter().max_by_key(worked);
    thread.filter(|thread| worked(thread) > 0).ok_or(BenchError::Answers {
        name: "insula",
        why: format!("no isolate worked while t{tenant} was asked"),
    })
}

/// Makes a thread of the second half's cordon fault; the time in milliseconds and the status of the
/// next answer of each of its tenants.
fn crash(insula: &Insula, victim: &Thread) -> Result<Vec<(f64, u16)>, BenchError> {
    let mut connection = Connection::open(insula.address())?;
    fault(victim)?;
    (TENANTS + 1..=2 * TENANTS)
        .map(|tenant| {
            let (time, status) = connection.get(&format!("t{tenant}.{}", insula.domain()))?;
            Ok((time.as_secs_f64() * 1e3, status))
        })
        .collect()
}

/// The system call that no safe library at hand has.
fn fault(thread: &Thread) -> Result<(), BenchError> {
    let script = format!("syscall({TGKILL}, {}, {}, {FAULT})", thread.process, thread.id);
    let status = Command::new("perl").args(["-e", &script]).status();
    status.map(drop).map_err(|source| BenchError::io("start perl", source))
}
