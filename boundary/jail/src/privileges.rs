//! The third wall: no rights.

use caps::{CapSet, Capability, CapsHashSet};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Gid, Signal, Uid};
use rustix::process::{set_dumpable_behavior, set_parent_process_death_signal};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::JailError;
use crate::steps::Steps;

/// Users from here on are given to nobody by any convention; there is one for each process id.
const FIRST_USER: u32 = 0x7000_0000;

/// The user that owns nothing, where the range above does not exist.
const NOBODY: u32 = 65_534;

/// Who the process is after [`give_up`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Identity {
    /// The user who started the supervisor; in a user namespace of the cordon's own.
    Kept,
    /// A user that no other cordon has: what one cordon's user may do to processes of the same
    /// user touches no other cordon, and its threads are counted alone.
    Own(u32),
    /// The user that the operator has named for the host's process, and its group.
    Named {
        /// The user's number.
        user: u32,
        /// The group's.
        group: u32,
    },
}

impl Identity {
    /// Must be called before the process enters a new process namespace.
    pub(crate) fn choose(privileged: bool) -> Self {
        match privileged {
            true => Self::Own(FIRST_USER + rustix::process::getpid().as_raw_nonzero().get() as u32),
            false => Self::Kept,
        }
    }
}

/// Whether this process has root's right to make namespaces.
pub(crate) fn may_administer() -> bool {
    caps::has_cap(None, CapSet::Effective, Capability::CAP_SYS_ADMIN).unwrap_or(false)
        && may_change_user()
}

/// Whether this process has root's right to become another user.
pub(crate) fn may_change_user() -> bool {
    let has = |capability| caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false);
    has(Capability::CAP_SETUID) && has(Capability::CAP_SETGID)
}

/// Gives up, for good, every right but those of the identity; the caller has one thread.
pub(crate) fn give_up(steps: &mut Steps, identity: Identity) -> Result<(), JailError> {
    // Root's right to do so goes with root.
    steps.take(clear("bounding", CapSet::Bounding))?;
    become_nobody_else(steps, identity)?;
    steps.take(end_with_parent())?;
    Ok(())
}

/// The same for the host's process, which has no parent to end with. Started by an ordinary user
/// it may not empty its bounding set, and with no new privileges need not.
pub(crate) fn give_up_as_host(steps: &mut Steps, identity: Identity) -> Result<(), JailError> {
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP).unwrap_or(false) {
        steps.take(clear("bounding", CapSet::Bounding))?;
    }
    become_nobody_else(steps, identity)
}

fn become_nobody_else(steps: &mut Steps, identity: Identity) -> Result<(), JailError> {
    let number = match identity {
        Identity::Kept => None,
        Identity::Own(user) => Some((user, user)),
        Identity::Named { user, group } => Some((user, group)),
    };
    if let Some((user, group)) = number {
        steps.take(set_thread_groups(&[]).map_err(JailError::Groups))?;
        steps.take(match identity {
            Identity::Own(_) => become_user(user),
            _ => change_to(user, group).map_err(JailError::User),
        })?;
    }
    steps.take(rustix::thread::set_no_new_privs(true).map_err(JailError::NoNewPrivileges))?;
    steps.take(clear("ambient", CapSet::Ambient))?;
    steps.take(clear("inheritable", CapSet::Inheritable))?;
    // The effective ones go with the permitted ones.
    steps.take(clear("permitted", CapSet::Permitted))?;
    // A change of user undoes this one, so it comes late.
    steps.take(hide())?;
    Ok(())
}

/// Keeps `wanted` of the capabilities that this process has, and no other, also not by executing
/// a file.
pub(crate) fn keep(wanted: &[Capability]) -> Result<(), JailError> {
    let failed = |set| move |source| JailError::Capabilities { set, source };
    let read = |which, set| caps::read(None, which).map_err(failed(set));
    let permitted = read(CapSet::Permitted, "permitted")?;
    let kept: CapsHashSet = wanted.iter().copied().filter(|it| permitted.contains(it)).collect();
    if read(CapSet::Effective, "effective")?.contains(&Capability::CAP_SETPCAP) {
        for other in read(CapSet::Bounding, "bounding")?.difference(&kept) {
            caps::drop(None, CapSet::Bounding, *other).map_err(failed("bounding"))?;
        }
    }
    clear("ambient", CapSet::Ambient)?;
    clear("inheritable", CapSet::Inheritable)?;
    caps::set(None, CapSet::Effective, &kept).map_err(failed("effective"))?;
    caps::set(None, CapSet::Permitted, &kept).map_err(failed("permitted"))
}

/// No core dumps, no tracing by processes of the same user.
pub(crate) fn hide() -> Result<(), JailError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(JailError::NotDumpable)
}

/// The kernel kills this process when its parent ends.
pub(crate) fn end_with_parent() -> Result<(), JailError> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(JailError::ParentDeathSignal)
}

fn clear(set: &'static str, which: CapSet) -> Result<(), JailError> {
    caps::clear(None, which).map_err(|source| JailError::Capabilities { set, source })
}

fn become_user(user: u32) -> Result<(), JailError> {
    match change_to(user, user) {
        // Within somebody's user namespace there are fewer users.
        Err(Errno::INVAL) => change_to(NOBODY, NOBODY),
        changed => changed,
    }
    .map_err(JailError::User)
}

fn change_to(user: u32, group: u32) -> Result<(), Errno> {
    let (user, group) = (Uid::from_raw(user), Gid::from_raw(group));
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)
}
