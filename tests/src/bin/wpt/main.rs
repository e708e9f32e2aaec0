//! The Web Platform Tests, run as tenants' code in isolates of the real server.
//!
//! Each test file is bundled with the suite's own harness and helper scripts ([`bundle`]), deployed,
//! and run by one request in an isolate of its own ([`run`]). What it loads while it runs comes from
//! a server like the suite's own ([`origin`]). The results are compared with the expectations beside
//! this crate ([`expectations`]): anything that is not as expected, better or worse, fails the run.

mod bundle;
mod expectations;
mod glob;
mod handlers;
mod origin;
mod progress;
mod report;
mod results;
mod run;
mod sloppy;
mod substitute;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use expectations::Expectations;
use suite::Suite;

/// Run the Web Platform Tests in isolates and compare with what is expected.
#[derive(Debug, Parser)]
#[command(name = "wpt")]
struct Arguments {
    /// Areas or files, such as `url` or `dom/abort/event.any.js`; all areas that Insula covers
    /// when absent.
    paths: Vec<String>,
    /// The suite: a checkout, or the part of one that `scripts/wpt.sh` fetches.
    #[arg(long, env = "WPT_DIR", value_name = "FOLDER")]
    suite: PathBuf,
    /// The file of expected failures.
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/wpt.toml"))]
    expectations: PathBuf,
    /// Test files that run at once.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Show every subtest that did not pass, expected or not, with its message.
    #[arg(long)]
    show_failures: bool,
    /// Write all results to a file, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write what happened into the expectations; new failures wait there for their reason.
    #[arg(long)]
    update: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything was as expected.
fn run(arguments: &Arguments) -> Result<bool, String> {
    let suite = Suite::open(&arguments.suite)?;
    let mut expectations = Expectations::read(&arguments.expectations)?;
    let files = suite.files(&arguments.paths)?;
    let (skipped, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| expectations.skips(&file.name()));
    let jobs = arguments.jobs.unwrap_or_else(run::default_jobs).max(1);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let results = runtime.block_on(run::run(&suite, files, jobs))?;

    if let Some(path) = &arguments.report {
        report::write(path, &results)?;
    }
    let judged = expectations.judge(results);
    if arguments.show_failures {
        report::failures(&judged);
    }
    if arguments.update {
        expectations.update(&judged);
        expectations.write(&arguments.expectations)?;
    }
    report::table(&judged, &skipped);
    let stale = if arguments.update { Vec::new() } else { expectations.stale(&judged) };
    report::surprises(&judged, &stale);
    Ok(arguments.update || (stale.is_empty() && judged.iter().all(|file| file.is_as_expected())))
}
