//! The first wall: what the process does not see, it cannot name.

use std::fs;

use rustix::process::{getegid, geteuid};
use rustix::thread::UnshareFlags;

use crate::steps::Steps;
use crate::{JailError, Namespace};

/// The user and group that an ordinary user is inside: nobody.
const INSIDE: u32 = 65_534;

/// What the host is called inside.
const HOST_NAME: &[u8] = b"cordon";

/// Which of the namespaces that later steps need were made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) mount: bool,
    pub(crate) process: bool,
}

/// Leaves the host's namespaces. `privileged`: with root's right to do so; without it, a user
/// namespace comes first, in which the process has that right.
pub(crate) fn leave(steps: &mut Steps, privileged: bool) -> Result<Made, JailError> {
    if !privileged {
        steps.take(become_nobody())?;
    }
    let mount = steps.take(unshare(Namespace::Mount))?.is_some();
    // A new network namespace has one interface, loopback, and that is down.
    steps.take(unshare(Namespace::Network))?;
    steps.take(unshare(Namespace::Ipc))?;
    if steps.take(unshare(Namespace::HostName))?.is_some() {
        steps.take(hide_host_name())?;
    }
    steps.take(unshare(Namespace::Cgroup))?;
    let process = steps.take(unshare(Namespace::Process))?.is_some();
    Ok(Made { mount, process })
}

/// A user namespace with one user and one group, who are this process's outside.
fn become_nobody() -> Result<(), JailError> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(Namespace::User)?;
    // The kernel takes a group from an ordinary user only when groups cannot be left any more.
    for (path, content) in [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/gid_map", format!("{INSIDE} {group} 1")),
        ("/proc/self/uid_map", format!("{INSIDE} {user} 1")),
    ] {
        fs::write(path, content).map_err(|source| JailError::UserMap { path, source })?;
    }
    Ok(())
}

fn hide_host_name() -> Result<(), JailError> {
    rustix::system::sethostname(HOST_NAME).map_err(JailError::HostName)?;
    rustix::system::setdomainname(b"").map_err(JailError::HostName)
}

fn unshare(which: Namespace) -> Result<(), JailError> {
    let flags = match which {
        Namespace::User => UnshareFlags::NEWUSER,
        Namespace::Mount => UnshareFlags::NEWNS,
        Namespace::Network => UnshareFlags::NEWNET,
        Namespace::Ipc => UnshareFlags::NEWIPC,
        Namespace::HostName => UnshareFlags::NEWUTS,
        Namespace::Cgroup => UnshareFlags::NEWCGROUP,
        Namespace::Process => UnshareFlags::NEWPID,
    };
    // SAFETY: descriptors stay shared (no `FILES` among the flags), which is what makes unsharing
    // unsafe; there is one thread, so no other thread's view of the file system differs after.
    let unshared = unsafe { rustix::thread::unshare_unsafe(flags) };
    unshared.map_err(|source| JailError::Namespace { which, source })
}
