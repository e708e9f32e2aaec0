//! Requests per second and latency under load, contenders in turn.

use crate::{
    args::Args,
    contenders::{Contender, start_all},
    error::BenchError,
    report::{Report, Unit},
    wrk::{self, Load},
};

const WARM_UP_SECONDS: u32 = 2;

/// A quantity of a load: its name, its unit, and how to read it off.
type Quantity = (&'static str, Unit, fn(&Load) -> f64);

const QUANTITIES: &[Quantity] = &[
    ("requests/s", Unit::PerSecond, |load| load.requests_per_second),
    ("p50", Unit::Milliseconds, |load| load.p50_ms),
    ("p99", Unit::Milliseconds, |load| load.p99_ms),
];

pub fn hello(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    measure(args, report, 1, "hello-world")
}

/// The ceiling takes part too: it ignores the host name, so it shows what wrk itself manages.
pub fn round_robin(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    let tenants = args.round_robin_tenants;
    measure(args, report, tenants, &format!("round-robin over {tenants} tenants"))
}

fn measure(args: &Args, report: &mut Report, tenants: u32, what: &str) -> Result<(), BenchError> {
    let contenders = start_all(args, tenants)?;
    for contender in &contenders {
        wrk::run(args, contender.as_ref(), tenants, WARM_UP_SECONDS)?;
    }
    let mut loads = vec![Vec::new(); contenders.len()];
    for round in 1..=args.rounds {
        for (contender, loads) in contenders.iter().zip(&mut loads) {
            let load = wrk::run(args, contender.as_ref(), tenants, args.seconds)?;
            say(round, contender.as_ref(), &load);
            loads.push(load);
        }
    }
    for (quantity, unit, of) in QUANTITIES {
        let measured = contenders.iter().zip(&loads);
        let measured = measured.map(|(one, loads)| (one.name(), loads.iter().map(of).collect()));
        report.row(format!("{what}, {quantity}"), *unit, measured);
    }
    Ok(())
}

fn say(round: u32, contender: &dyn Contender, load: &Load) {
    eprintln!(
        "   round {round}: {:<10} {:>9.0} req/s   p50 {:.2} ms   p99 {:.2} ms",
        contender.name().title(),
        load.requests_per_second,
        load.p50_ms,
        load.p99_ms
    );
}
