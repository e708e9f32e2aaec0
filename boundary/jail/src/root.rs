//! The second wall: no file.

use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::mount::{mount, mount_change, mount_remount, unmount};
use rustix::process::{chdir, pivot_root};

use crate::JailError;

/// Where the empty root is mounted before it becomes the root: a folder that every Linux has. The
/// cover is seen in this process's own mount namespace only.
const COVERED: &str = "/proc";

/// One page and hardly an inode: nothing could be kept here even if it could be written.
const SIZE: &std::ffi::CStr = c"size=4k,nr_inodes=2,mode=0555";

/// Makes an empty read-only folder the root. Must be called in a mount namespace of its own.
///
/// What is open or mapped stays so; no path leads to it any more.
pub(crate) fn empty() -> Result<(), JailError> {
    let bare = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).map_err(JailError::PrivateMounts)?;
    mount("none", COVERED, "tmpfs", bare, SIZE).map_err(JailError::MountRoot)?;
    chdir(COVERED).map_err(JailError::MountRoot)?;
    // The old root lands on top of the new one, and is what `.` names until it is let go.
    pivot_root(".", ".").map_err(JailError::PivotRoot)?;
    unmount(".", UnmountFlags::DETACH).map_err(JailError::DetachHost)?;
    chdir("/").map_err(JailError::DetachHost)?;
    mount_remount("/", bare | MountFlags::BIND | MountFlags::RDONLY, c"")
        .map_err(JailError::ReadOnlyRoot)
}
