use std::fmt;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use insula_tests::{Options, binary};
use tempfile::TempDir;

/// Nobody, on every distribution.
const NOBODY: u32 = 65534;

/// Who runs the server that is attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// Root: each cordon gets a user of its own.
    Root,
    /// Anybody else: cordons live in user namespaces, and there may be no control groups.
    Ordinary,
}

/// Which program takes the cordon's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cordon {
    /// The real one.
    Real,
    /// One that has been taken over.
    Hostile,
}

/// A folder with the binaries of one server, which its user may run.
pub struct Binaries {
    folder: TempDir,
    user: Option<u32>,
}

impl User {
    /// Whether this test can start a server as this user.
    pub fn is_possible(self) -> bool {
        self == Self::Ordinary || rustix::process::geteuid().is_root()
    }

    /// The user to change to.
    fn id(self) -> Option<u32> {
        let changes = self == Self::Ordinary && rustix::process::geteuid().is_root();
        changes.then_some(NOBODY)
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "root",
            Self::Ordinary => "an ordinary user",
        })
    }
}

impl Binaries {
    pub fn new(user: User, cordon: Cordon) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("open a folder");
        let from = match cordon {
            Cordon::Real => binary("insula-cordon"),
            Cordon::Hostile => PathBuf::from(env!("CARGO_BIN_EXE_hostile-cordon")),
        };
        for (from, name) in [(binary("insula"), "insula"), (from, "insula-cordon")] {
            place(&from, &folder.path().join(name));
        }
        Self { folder, user: user.id() }
    }

    /// How a server with this configuration starts from here.
    pub fn options(&self, config: &str) -> Options {
        let options = Options::config(config).binaries(self.folder.path());
        match self.user {
            Some(user) => options.user(Some(user)),
            None => options,
        }
    }

    /// Writes a file beside the binaries, which the server's user may read.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("write a file");
        chown(&path, self.user, self.user).expect("give a file away");
    }

    /// Removes it.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.folder.path().join(name)).expect("remove a file");
    }
}

/// Links a binary, which is large, or copies it where that does not work.
fn place(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).expect("copy a binary");
    }
    let mode = fs::metadata(to).expect("a binary").permissions().mode();
    assert!(mode & 0o005 == 0o005, "{} must be executable for all", from.display());
}
