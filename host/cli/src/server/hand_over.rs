//! The data folder becomes the property of the user who serves.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use insula_jail::HostUser;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Gid, Mode, OFlags, Uid, chownat, fstat, openat};
use rustix::io::Errno;
use thiserror::Error;

use crate::diagnostic::Diagnostic;

/// Folders in folders: far more than there are.
const DEPTH: usize = 16;

/// Why the data folder cannot be the server's.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HandOverError {
    /// Something in it could not be looked at.
    #[error("cannot look at {}: {source}", path.display())]
    Look {
        /// What.
        path: PathBuf,
        /// Why not.
        source: Errno,
    },
    /// Something in it is not what a data folder holds.
    #[error("{} is neither a file nor a folder", .0.display())]
    Kind(PathBuf),
    /// Something in it is somebody else's.
    #[error("{} belongs to user {owner}, neither to root nor to user {user}", path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who serves.
        user: u32,
    },
    /// Another name of a file may be outside of the folder, and the file be something else.
    #[error("{} has another name elsewhere, and belongs to root", .0.display())]
    Linked(PathBuf),
    /// There are folders in folders without an end.
    #[error("{} lies too deep", .0.display())]
    Deep(PathBuf),
    /// The owner could not be changed.
    #[error("cannot give {} to user {user}: {source}", path.display())]
    Give {
        /// What.
        path: PathBuf,
        /// To whom.
        user: u32,
        /// Why not.
        source: Errno,
    },
    /// The user cannot get there.
    #[error("user {user} cannot reach the data folder: {} is closed to it", path.display())]
    Closed {
        /// The folder that is closed.
        path: PathBuf,
        /// Who serves.
        user: u32,
    },
    /// The user cannot use it for some other reason.
    #[error("cannot open the data folder {}: {source}", path.display())]
    Open {
        /// The data folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl From<HandOverError> for Diagnostic {
    fn from(error: HandOverError) -> Self {
        let help = match &error {
            HandOverError::Closed { .. } => {
                "keep data where others may pass, such as /var/lib/insula, with --data; or let \
                 them pass with chmod o+x"
            }
            HandOverError::Foreign { .. } => {
                "start the server as that user; or name it with `user` in insula.toml; or change \
                 the owner with chown -R"
            }
            HandOverError::Give { .. } => {
                "name a user that exists here with `user` in insula.toml; or grant CAP_CHOWN; or \
                 start as the owner of the folder"
            }
            _ => "remove it from the data folder, or name another folder with --data",
        };
        super::operator(error.to_string()).help(help)
    }
}

/// Gives `folder`, and all that is in it, to `user`. Follows no link, and gives away nothing that
/// could be anybody's but the server's: what is in the folder may be the work of a server that
/// strangers had taken over.
///
/// # Errors
///
/// [`HandOverError`]; the operator is to blame. A part may have been given.
pub fn hand_over(folder: &Path, user: HostUser) -> Result<(), HandOverError> {
    let opened =
        openat(CWD, folder, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty());
    let opened =
        opened.map_err(|source| HandOverError::Look { path: folder.to_owned(), source })?;
    give(opened.as_fd(), folder, user, DEPTH)
}

/// Makes sure that this process, as `user`, gets to `folder`, an absolute path.
///
/// # Errors
///
/// [`HandOverError::Closed`] or [`HandOverError::Open`].
pub fn reach(folder: &Path, user: u32) -> Result<(), HandOverError> {
    match File::open(folder) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            // From the root down, the first one whose inside cannot be seen.
            let mut above: Vec<_> = folder.ancestors().collect();
            above.reverse();
            let closed = above.windows(2).find(|pair| pair[1].symlink_metadata().is_err());
            let path = closed.map_or(folder, |pair| pair[0]).to_owned();
            Err(HandOverError::Closed { path, user })
        }
        Err(source) => Err(HandOverError::Open { path: folder.to_owned(), source }),
    }
}

fn give(
    it: BorrowedFd<'_>,
    path: &Path,
    user: HostUser,
    depth: usize,
) -> Result<(), HandOverError> {
    let look = |source| HandOverError::Look { path: path.to_owned(), source };
    let stat = fstat(it).map_err(look)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if !matches!(kind, FileType::Directory | FileType::RegularFile) {
        return Err(HandOverError::Kind(path.to_owned()));
    }
    if stat.st_uid != 0 && stat.st_uid != user.user {
        let (path, owner) = (path.to_owned(), stat.st_uid);
        return Err(HandOverError::Foreign { path, owner, user: user.user });
    }
    if kind == FileType::RegularFile && stat.st_uid == 0 && stat.st_nlink != 1 {
        return Err(HandOverError::Linked(path.to_owned()));
    }
    if kind == FileType::Directory {
        let depth = depth.checked_sub(1).ok_or_else(|| HandOverError::Deep(path.to_owned()))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The very folder that was looked at, whatever its name leads to by now.
        let folder = openat(it, c".", flags, Mode::empty()).map_err(look)?;
        for entry in Dir::read_from(&folder).map_err(look)? {
            let entry = entry.map_err(look)?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                let path = path.join(&*entry.file_name().to_string_lossy());
                give(inside(&folder, entry.file_name(), &path)?.as_fd(), &path, user, depth)?;
            }
        }
    }
    if (stat.st_uid, stat.st_gid) == (user.user, user.group) {
        return Ok(());
    }
    let (owner, group) = (Uid::from_raw(user.user), Gid::from_raw(user.group));
    let given = chownat(it, c"", Some(owner), Some(group), AtFlags::EMPTY_PATH);
    given.map_err(|source| HandOverError::Give { path: path.to_owned(), user: user.user, source })
}

fn inside(folder: &OwnedFd, name: &CStr, path: &Path) -> Result<OwnedFd, HandOverError> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty())
        .map_err(|source| HandOverError::Look { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, chown, symlink};

    use super::*;

    const USER: HostUser = HostUser { user: 60_947, group: 60_947 };

    /// A data folder; `None` when this is not root, who alone can give things away.
    fn folder() -> Option<tempfile::TempDir> {
        rustix::process::geteuid().is_root().then(|| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("bundles")).unwrap();
            fs::write(folder.path().join("bundles/one"), "1").unwrap();
            fs::write(folder.path().join("insula.db"), "").unwrap();
            folder
        })
    }

    fn owner(path: &Path) -> (u32, u32) {
        let stat = path.symlink_metadata().unwrap();
        (stat.uid(), stat.gid())
    }

    #[test]
    fn all_of_it_is_given_once_and_again() {
        let Some(folder) = folder() else { return };
        for _ in 0..2 {
            hand_over(folder.path(), USER).unwrap();
            for name in ["", "bundles", "bundles/one", "insula.db"] {
                assert_eq!(owner(&folder.path().join(name)), (USER.user, USER.group), "{name}");
            }
            // As a command of root's would leave it.
            chown(folder.path().join("bundles/one"), Some(0), Some(0)).unwrap();
        }
    }

    #[test]
    fn links_lead_nowhere() {
        let Some(folder) = folder() else { return };
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let link = folder.path().join("bundles/link");
        symlink(elsewhere.path(), &link).unwrap();
        assert!(matches!(hand_over(folder.path(), USER), Err(HandOverError::Kind(_))));
        fs::remove_file(&link).unwrap();
        let hard = folder.path().join("hard");
        fs::hard_link(elsewhere.path(), &hard).unwrap();
        assert!(matches!(hand_over(folder.path(), USER), Err(HandOverError::Linked(_))));
        assert_eq!(owner(elsewhere.path()).0, 0);
    }

    #[test]
    fn what_is_somebody_else_s_stays_so() {
        let Some(folder) = folder() else { return };
        let path = folder.path().join("insula.db");
        chown(&path, Some(7), None).unwrap();
        let refused = hand_over(folder.path(), USER);
        assert!(matches!(refused, Err(HandOverError::Foreign { owner: 7, .. })), "{refused:?}");
        assert_eq!(owner(&path).0, 7);
    }
}
