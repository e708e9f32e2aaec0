//! The admin token: in a file for its owner, as a hash in the store.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// The file's name in the data folder.
const FILE: &str = "admin-token";

/// Bytes that a token must have, so that it cannot be guessed.
const MIN_BYTES: usize = 16;

/// Why there is no admin token.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The file could not be read or written.
    #[error("cannot {operation} {}: {source}", path.display())]
    File {
        /// `read`, `write`, …
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file holds something that is too short, or not one word.
    #[error(
        "{} does not hold a token of at least 16 characters: remove it to get a new one",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
    },
    /// The operating system has no random bytes.
    #[error("no random bytes for a token: {0}")]
    Random(String),
}

/// The tokens that open the admin API, as hashes.
#[derive(Debug)]
pub(crate) struct Tokens {
    hashes: Vec<[u8; 32]>,
}

impl Tokens {
    pub(crate) fn new(hashes: Vec<[u8; 32]>) -> Self {
        Self { hashes }
    }

    /// Whether `token` is one of them. Takes as long for a wrong one as for a right one: what is
    /// compared are hashes of equal length, every one of them, to the last byte.
    pub(crate) fn accept(&self, token: &[u8]) -> bool {
        let presented = hash(token);
        let matches = self.hashes.iter().map(|hash| hash.ct_eq(&presented));
        matches.fold(Choice::from(0), |any, this| any | this).into()
    }
}

/// What is stored of a token. It is random and long, so a plain hash cannot be reversed.
pub(crate) fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The token in `folder`/admin-token; made and written there if there is none.
pub(crate) fn read_or_create(folder: &Path) -> Result<String, TokenError> {
    let path = folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let token = text.trim();
            if token.len() < MIN_BYTES || !token.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(TokenError::Unusable { path });
            }
            tighten(&path)?;
            Ok(token.to_owned())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => create(folder, &path),
        Err(source) => Err(TokenError::File { operation: "read", path, source }),
    }
}

/// Takes the file from everyone but its owner, if someone opened it up.
fn tighten(path: &Path) -> Result<(), TokenError> {
    let failed = |source| TokenError::File { operation: "protect", path: path.to_owned(), source };
    let mode = std::fs::metadata(path).map_err(failed)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read the admin token; now they cannot");
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}

/// Written beside and renamed, so that a crash leaves a whole token or none.
fn create(folder: &Path, path: &Path) -> Result<String, TokenError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| TokenError::Random(error.to_string()))?;
    let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let write = || {
        let staged = path.with_extension("new");
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(format!("{token}\n").as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&staged, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|source| TokenError::File {
        operation: "write",
        path: path.to_owned(),
        source,
    })?;
    Ok(token)
}
