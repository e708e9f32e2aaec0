//! What the process keeps that starts cordons, and what it gives up.

use caps::Capability;

use crate::{JailError, limits, privileges, start};

/// What the launcher is called.
const NAME: &std::ffi::CStr = c"insula-launcher";

/// What starting cordons as root takes. The kernel counts a process of user 0 as the owner of
/// root's files still; these are the rights beyond that.
const AS_ROOT: [Capability; 6] = [
    // Namespaces, and mounts within them.
    Capability::CAP_SYS_ADMIN,
    // A cordon's own user.
    Capability::CAP_SETUID,
    Capability::CAP_SETGID,
    // A cordon empties its bounding set.
    Capability::CAP_SETPCAP,
    // A cordon is another user then, and is ended all the same.
    Capability::CAP_KILL,
    // The topmost control groups are read-only even for their owner, and the cordon's binary may
    // lie in somebody's home. Who may become any user can get at their files in any case.
    Capability::CAP_DAC_OVERRIDE,
];

/// What root needs where it may not make namespaces directly: a cordon maps this user into a user
/// namespace of its own. Control groups as above.
const AS_WEAK_ROOT: [Capability; 2] = [Capability::CAP_SETFCAP, Capability::CAP_DAC_OVERRIDE];

/// Gives up all rights that starting cordons does not need, for this process and for the cordons.
/// To be called first thing in the launcher, in one thread.
///
/// Descriptors that came in by mistake are closed, and the hard limits are raised as far as a
/// cordon lowers them, while there is a right to do so.
///
/// # Errors
///
/// [`JailError`], one variant per step.
pub fn confine_launcher() -> Result<(), JailError> {
    start::one_thread()?;
    start::close_strays()?;
    // For whoever looks at the list of processes; nothing depends on it.
    let _ = rustix::thread::set_name(NAME);
    ignore_wishes();
    limits::make_room();
    match privileges::may_administer() {
        true => privileges::keep(&AS_ROOT)?,
        false => privileges::keep(&AS_WEAK_ROOT)?,
    }
    rustix::thread::set_no_new_privs(true).map_err(JailError::NoNewPrivileges)
}

/// The wish to end is for the host's process, which lets requests finish first; whoever sends it to
/// all processes of a service must not end the cordons before that. Cordons inherit this.
fn ignore_wishes() {
    for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
        // SAFETY: to ignore a signal installs no handler, so nothing runs that could find this
        // process in a state it does not expect.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Hides this process's memory from others of the same user. Comes after [`probe`](crate::probe),
/// whose child needs its own files under `/proc` as a cordon has them.
///
/// # Errors
///
/// [`JailError::NotDumpable`].
pub fn hide() -> Result<(), JailError> {
    privileges::hide()
}
