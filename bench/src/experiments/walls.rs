//! What the walls cost: the same server where the machine allows none.

use crate::{
    args::{Args, Name},
    contenders::insula::Insula,
    error::BenchError,
    figures::Figure,
    report::{Report, Unit},
    wrk,
};

const WARM_UP_SECONDS: u32 = 2;

pub fn run(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    if !args.has(Name::Insula) {
        return Ok(());
    }
    under_load(args, report)?;
    first_responses(args, report)
}

fn under_load(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    let mut servers = [Insula::start(args)?, Insula::start_unwalled(args)?];
    for server in &mut servers {
        server.deploy(1)?;
        wrk::run(args, server, 1, WARM_UP_SECONDS)?;
    }
    let mut loads = [Vec::new(), Vec::new()];
    for round in 1..=args.rounds {
        for (server, loads) in servers.iter().zip(&mut loads) {
            let load = wrk::run(args, server, 1, args.seconds)?;
            eprintln!("   round {round}: {:>9.0} req/s", load.requests_per_second);
            loads.push(load.requests_per_second);
        }
    }
    let ratios: Vec<f64> = loads[0].iter().zip(&loads[1]).map(|(with, none)| with / none).collect();
    let [with, without] = loads;
    report.row("hello-world behind all walls, requests/s", Unit::PerSecond, [(Name::Insula, with)]);
    let none = "hello-world with no walls, requests/s";
    report.row(none, Unit::PerSecond, [(Name::Insula, without)]);
    if let Some(ratio) = Figure::new(ratios) {
        report.note(format!(
            "Behind all walls the server answers {:.2} times as many requests as with none (median of \
             the rounds, {:.2} to {:.2}).",
            ratio.median(),
            ratio.min(),
            ratio.max()
        ));
    }
    Ok(())
}

fn first_responses(args: &Args, report: &mut Report) -> Result<(), BenchError> {
    for (walls, unwalled) in [("behind all walls", false), ("with no walls", true)] {
        let mut insula =
            if unwalled { Insula::start_unwalled(args)? } else { Insula::start(args)? };
        insula.deploy(args.cold_tenants)?;
        let insula = insula.restart()?;
        let times =
            super::cold::first_responses(&insula, 1..=args.cold_tenants, super::cold::UNHURRIED)?;
        let Some(figure) = Figure::new(times) else { continue };
        report.row(
            format!("first response {walls}, p50"),
            Unit::Milliseconds,
            [(Name::Insula, vec![figure.percentile(50.0)])],
        );
    }
    Ok(())
}
