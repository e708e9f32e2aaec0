use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use thiserror::Error;

use crate::diagnostic::Diagnostic;

/// A data folder that no other server uses while this lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// The kernel releases the lock with the last descriptor, also after a crash.
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataDirError {
    /// It could not be created.
    #[error("cannot create the data folder {}: {source}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The lock file could not be opened or locked.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another server has it.
    #[error("another server is running on the data folder {}", .0.display())]
    InUse(PathBuf),
}

impl DataDir {
    /// Creates the folder if it is missing, and takes its lock.
    ///
    /// # Errors
    ///
    /// [`DataDirError`].
    pub fn lock(path: &Path) -> Result<Self, DataDirError> {
        let path = &create(path)
            .map_err(|source| DataDirError::Create { path: path.to_owned(), source })?;
        let lock_path = path.join("lock");
        let failed = |source| DataDirError::Lock { path: lock_path.clone(), source };
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            // Who serves may not be who locks, and must not lead root elsewhere, or hold it up
            // with a pipe that nobody reads.
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(&lock_path)
            .map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(DataDirError::InUse(path.to_owned())),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// The folder: an absolute path without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The folder, its owner's alone. Folders on the way to it are not: whoever will own it must get
/// there.
fn create(path: &Path) -> io::Result<PathBuf> {
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        fs::create_dir_all(above)?;
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    path.canonicalize()
}

impl From<DataDirError> for Diagnostic {
    fn from(error: DataDirError) -> Self {
        let diagnostic = Self::new(error.to_string());
        match error {
            DataDirError::InUse(_) => {
                diagnostic.help("stop it first, or name another folder with --data")
            }
            DataDirError::Create { .. } | DataDirError::Lock { .. } => {
                diagnostic.help("name a folder that this user may write to with --data")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_do_not_share_a_folder() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("a/b");
        let first = DataDir::lock(&path).unwrap();
        assert!(matches!(DataDir::lock(&path), Err(DataDirError::InUse(_))));
        drop(first);
        DataDir::lock(&path).unwrap();
    }

    #[test]
    fn a_lock_that_leads_elsewhere_is_refused() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("lock");
        mknodat(CWD, &lock, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        assert!(matches!(DataDir::lock(folder.path()), Err(DataDirError::Lock { .. })));
        fs::remove_file(&lock).unwrap();
        std::os::unix::fs::symlink(folder.path().join("other"), &lock).unwrap();
        assert!(matches!(DataDir::lock(folder.path()), Err(DataDirError::Lock { .. })));
        assert!(!folder.path().join("other").exists());
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(DataDir::lock(file.path()), Err(DataDirError::Create { .. })));
    }
}
