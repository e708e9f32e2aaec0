//! What the host's process gives up: the one that reads bytes from strangers.

use crate::privileges::{self, Identity};
use crate::steps::Steps;
use crate::{JailError, Mode, filter, start};

/// An unprivileged user, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostUser {
    /// The user.
    pub user: u32,
    /// Its group; it has no others.
    pub group: u32,
}

/// Whether this process, which root has started, may become a [`HostUser`] at all: in some
/// containers root may not.
pub fn may_become_host_user() -> bool {
    privileges::may_change_user()
}

/// Gives up, for good, what the host's process has a launcher for, in this order: other users'
/// rights (with `user`, which only root can become), capabilities, new privileges, being traced or
/// dumped, and the system calls that are not in [`host_system_calls`](crate::host_system_calls).
///
/// To be called in one thread, when the launcher runs and what needs rights is open. Threads that
/// start later are under the same rules.
///
/// Returns the steps that this machine did not allow; none in [`Mode::Strict`].
///
/// # Errors
///
/// [`JailError`], one variant per step.
pub fn confine_host(user: Option<HostUser>, mode: Mode) -> Result<Vec<JailError>, JailError> {
    start::one_thread()?;
    start::learn_the_machine();
    let mut steps = Steps::new(mode);
    give_up(&mut steps, user)?;
    Ok(steps.into_missing())
}

/// All steps, for the caller to count.
pub(crate) fn give_up(steps: &mut Steps, user: Option<HostUser>) -> Result<(), JailError> {
    let identity =
        user.map_or(Identity::Kept, |HostUser { user, group }| Identity::Named { user, group });
    privileges::give_up_as_host(steps, identity)?;
    steps.take(filter::install(filter::HOST, false))?;
    Ok(())
}
