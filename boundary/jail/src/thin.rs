use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};

use crate::JailError;

/// Descriptors that a cordon may have open: two for each isolate and some for itself.
const OPEN_FILES: u64 = 8192;

/// Gives up what needs no namespaces and no right to make them. In this order:
///
/// 1. the process dies with its supervisor;
/// 2. no new privileges by executing anything;
/// 3. not dumpable: no core dumps, no tracing by the same user, `/proc/self` owned by root;
/// 4. resource limits: no core files, no files written, a bounded number of descriptors.
///
/// [`confine`](crate::confine) does all of this and more.
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
