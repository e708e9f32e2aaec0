//! The launcher: how the host's process starts it, and what it does.

use std::ffi::OsString;
use std::process::Command;

use insula_launcher::{Launcher, Terms};
use insula_supervisor::{MOST_ISOLATES_PER_CORDON, cordon_pids};

use super::{cannot, cordon_binary, operator};
use crate::args::LauncherArgs;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;

/// The command that this program is its own launcher by.
const COMMAND: &str = "launcher";

/// Bytes of memory for one cordon when the machine does not say how much it has.
const FALLBACK_MEMORY: u64 = 2 << 30;

/// Starts the launcher. To be called while there is one thread; the launcher ends with it.
///
/// # Errors
///
/// When it does not start; the operator is to blame.
pub fn start(terms: Terms) -> Result<Launcher, Diagnostic> {
    let own = std::env::current_exe().map_err(cannot("find the running binary"))?;
    let mut command = Command::new(own);
    command.arg(COMMAND);
    Launcher::start(command, terms)
        .map_err(|error| operator(error.to_string()).help(error.advice()))
}

/// What every launcher is started with.
pub fn terms(lenient: bool, probe: bool) -> Terms {
    Terms {
        lenient,
        probe,
        cordon_memory: Some(cordon_memory()),
        cordon_pids: cordon_pids(MOST_ISOLATES_PER_CORDON),
    }
}

/// `insula launcher`: until the host's process ends.
///
/// # Errors
///
/// [`Failure`]; the host's process has been told already, if there is one.
pub fn launcher(args: &LauncherArgs) -> Result<(), Failure> {
    let unknown = |_| operator("the launcher is started by `insula serve`");
    let terms = args.terms.iter().map(OsString::as_os_str);
    let terms = Terms::parse(terms).ok_or(()).map_err(unknown)?;
    let cordon = cordon_binary()?;
    insula_launcher::run(&cordon, terms).map_err(|error| operator(error.to_string()).into())
}

/// The last resort against a cordon that grows: three quarters of the machine.
fn cordon_memory() -> u64 {
    let total = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    });
    total.map_or(FALLBACK_MEMORY, |kilobytes| kilobytes * 1024 / 4 * 3)
}
