//! What the tests put into a jail. `insula-inmate look` says what it sees; `insula-inmate rule
//! NAME` makes a system call that the filter knows; `insula-inmate attack NAME` makes one that it
//! does not; `insula-inmate end NAME` ends in some way; `insula-inmate supervise` starts another
//! one that waits; `insula-inmate host` is no inmate but the host's process.

mod attacks;
mod call;
mod ends;
mod host;
mod look;
mod rules;
mod supervise;

use std::env;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use insula_jail::{Mode, confine};

/// Exit status: the jail could not be entered.
pub const NOT_CONFINED: u8 = 20;
/// Exit status: there is no such rule, attack or end here.
pub const UNKNOWN: u8 = 21;
/// Exit status: a call that should work did not, or one that should not did.
pub const WRONG: u8 = 22;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let what = words.first().map(String::as_str).unwrap_or_default();
    let name = words.get(1).map(String::as_str).unwrap_or_default();
    if what == "supervise" {
        return supervise::supervise();
    }
    if what == "host" {
        return host::serve(name, words.get(2).map(String::as_str).unwrap_or_default());
    }
    let early = match (what, name) {
        ("early", "file") => std::fs::File::open("/dev/null").ok(),
        ("early", "thread") => {
            std::thread::spawn(std::thread::park);
            None
        }
        _ => None,
    };
    let confined = match confine(Mode::from_arguments()) {
        Ok(confined) => confined,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(NOT_CONFINED);
        }
    };
    drop(early);
    if what == "look" {
        println!("landlock={:?}", confined.landlock());
        look::look();
        return ExitCode::SUCCESS;
    }
    // The host gives links; the inmate makes its own while it may.
    let Ok(link) = UnixStream::pair() else { return ExitCode::from(WRONG) };
    let threads = ends::threads_before_the_filter(name);
    match confined.filter() {
        Ok(missing) => missing.iter().for_each(|error| eprintln!("missing: {error}")),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(NOT_CONFINED);
        }
    }
    let done = match what {
        "rule" => rules::exercise(name, &link),
        "attack" => attacks::attempt(name),
        "end" => ends::end(name, threads),
        _ => None,
    };
    match done {
        None => ExitCode::from(UNKNOWN),
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            eprintln!("{what} {name}: {error}");
            ExitCode::from(WRONG)
        }
    }
}
