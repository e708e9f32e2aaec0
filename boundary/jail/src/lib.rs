//! What a cordon gives up before it runs tenant code, and which of that holds on this machine.
//!
//! [`enter`] is called once, first thing, by the cordon itself. [`measures`] is what
//! `insula doctor` shows.

mod measures;

pub use measures::{Measure, State, measures};

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
use thiserror::Error;

/// Which step of [`enter`] failed. The operator's machine does not allow what every Linux allows.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JailError {
    /// The process could not be tied to its supervisor's life.
    #[error("cannot ask to be ended with the supervisor: {0}")]
    ParentDeathSignal(rustix::io::Errno),
    /// Privileges could still be gained by executing a file.
    #[error("cannot give up new privileges: {0}")]
    NoNewPrivileges(rustix::io::Errno),
    /// The process could still be traced or dumped.
    #[error("cannot become non-dumpable: {0}")]
    NotDumpable(rustix::io::Errno),
    /// A resource limit could not be set.
    #[error("cannot limit {what}: {source}")]
    Limit {
        /// The resource.
        what: &'static str,
        /// What the kernel said.
        source: rustix::io::Errno,
    },
}

/// Descriptors that a cordon may have open: two for each isolate and some for itself.
const OPEN_FILES: u64 = 8192;

/// Gives up what a cordon does not need. In this order:
///
/// 1. the process dies with its supervisor;
/// 2. no new privileges by executing anything;
/// 3. not dumpable: no core dumps, no tracing by the same user, `/proc/self` owned by root;
/// 4. resource limits: no core files, no files written, a bounded number of descriptors.
///
/// # Errors
///
/// [`JailError`], one variant per step.
pub fn enter() -> Result<(), JailError> {
    use rustix::process::{set_dumpable_behavior, set_parent_process_death_signal, setrlimit};
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(JailError::ParentDeathSignal)?;
    rustix::thread::set_no_new_privs(true).map_err(JailError::NoNewPrivileges)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(JailError::NotDumpable)?;
    for (what, resource, limit) in [
        ("core files", Resource::Core, 0),
        ("file sizes", Resource::Fsize, 0),
        ("open files", Resource::Nofile, OPEN_FILES),
    ] {
        let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, limit).map_err(|source| JailError::Limit { what, source })?;
    }
    Ok(())
}
