//! The last wall: system calls.

mod build;
mod host;
mod hostile;
mod rule;
mod table;

use rule::Profile;
pub use rule::{Rule, Verdict};

pub(crate) use build::install;

/// What a cordon may do once its engine has started.
pub(crate) const CORDON: Profile = Profile { rules: table::CORDON, otherwise: Verdict::Kill };

/// What the parent of a cordon's process may do.
pub(crate) const RELAY: Profile = Profile { rules: table::RELAY, otherwise: Verdict::Kill };

/// What the host's process that talks to strangers may do. A rare call that the list forgot must
/// not end a server, so it fails; what only somebody who has taken the process over would call is
/// named, and ends it.
pub(crate) const HOST: Profile =
    Profile { rules: &ALL_OF_HOST, otherwise: Verdict::Refuse(libc::EPERM) };

const ALL_OF_HOST: [Rule; host::HOST.len() + hostile::HOSTILE.len()] = {
    let mut all = [host::HOST[0]; host::HOST.len() + hostile::HOSTILE.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = match at < host::HOST.len() {
            true => host::HOST[at],
            false => hostile::HOSTILE[at - host::HOST.len()],
        };
        at += 1;
    }
    all
};

/// Every system call that a cordon may make once its engine has started, and why. A call that
/// several rules name needs one of them to hold. Any other call ends the process.
pub fn system_calls() -> &'static [Rule] {
    table::CORDON
}

/// Every system call that the host's process may make, and those that end it, each with its
/// reason. Any other call fails with `EPERM`.
pub fn host_system_calls() -> &'static [Rule] {
    HOST.rules
}

/// Makes a call that [`HOST`] ends a process for.
pub(crate) fn provoke() {
    // SAFETY: only asks to be traced, which changes nothing in this process's memory.
    unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
}
