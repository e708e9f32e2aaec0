//! Measures Insula beside its rivals, on one machine in one run, and prints a Markdown table.
//!
//! The order of a run: start the contenders of an experiment, let them take turns for several
//! rounds, stop them, add rows to the report. The method is described in docs/benchmarks.md.

mod args;
mod contenders;
mod error;
mod experiments;
mod figures;
mod http;
mod machine;
mod process;
mod report;
mod unwalled;
mod wrk;

use std::{fs, process::ExitCode};

use args::{Args, Command};
use clap::Parser;
use error::BenchError;
use report::Report;

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.command {
        Some(Command::Ceiling) => contenders::ceiling::serve(),
        Some(Command::Unwalled { program }) => match unwalled::exec(program) {
            Ok(never) => match never {},
            Err(error) => Err(error),
        },
        None => measure(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), BenchError> {
    let mut report = Report::new(machine::describe(args));
    for experiment in experiments::ALL.iter().filter(|each| args.wants(each.name)) {
        eprintln!("-- {}: {}", experiment.name, experiment.about);
        (experiment.run)(args, &mut report)?;
    }
    let markdown = report.markdown();
    println!("\n{markdown}");
    let path = args.bench_dir.join("results/latest.md");
    let write = || {
        fs::create_dir_all(args.bench_dir.join("results"))?;
        fs::write(&path, &markdown)
    };
    write().map_err(|source| BenchError::io(format!("write {}", path.display()), source))
}
