//! The key's file: for its owner alone, and on disk before anything is sealed with it.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::error::SecretsKeyError;
use super::key::{LONGEST_TEXT, SecretsKey};

/// The file's name in the data folder.
const FILE: &str = "secrets.key";

/// The key in `folder`/secrets.key; made and written there if there is none, unless there is
/// something already that the lost one has sealed.
pub(super) fn in_data_folder(folder: &Path, in_use: bool) -> Result<SecretsKey, SecretsKeyError> {
    let path = folder.join(FILE);
    match read(&path)? {
        Some(key) => Ok(key),
        None if in_use => Err(SecretsKeyError::Missing(path)),
        None => create(folder, &path),
    }
}

/// The key in a file that the operator has made.
pub(super) fn named(path: &Path) -> Result<SecretsKey, SecretsKeyError> {
    read(path)?.ok_or_else(|| SecretsKeyError::NoSuchFile(path.to_owned()))
}

/// `None` when there is no such file.
fn read(path: &Path) -> Result<Option<SecretsKey>, SecretsKeyError> {
    let failed =
        |source| SecretsKeyError::File { operation: "read", path: path.to_owned(), source };
    // Asked first, because opening a pipe waits for its writer.
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(SecretsKeyError::NotAFile(path.to_owned()));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretsKeyError::Exposed { path: path.to_owned(), mode });
    }
    // Room for one byte more than allowed, and never moved: see `SecretsKey::text`.
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_TEXT + 2));
    #[expect(clippy::disallowed_methods, reason = "bounded by take")]
    file.take(LONGEST_TEXT as u64 + 1).read_to_end(&mut text).map_err(failed)?;
    SecretsKey::parse(path.display().to_string(), &text).map(Some)
}

/// Written beside and renamed, so that a crash leaves a whole key or none.
fn create(folder: &Path, path: &Path) -> Result<SecretsKey, SecretsKeyError> {
    let key = SecretsKey::random(path.display().to_string())?;
    let write = || -> io::Result<()> {
        let staged = path.with_extension("key.new");
        // What a crash has left may have been opened up since; a mode is given only to a new file.
        match std::fs::remove_file(&staged) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
        file.write_all(&key.text())?;
        file.sync_all()?;
        std::fs::rename(&staged, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|source| SecretsKeyError::File {
        operation: "write",
        path: path.to_owned(),
        source,
    })?;
    tracing::info!(
        path = %path.display(),
        "made the key of the secrets; keep a copy of it apart from the database's"
    );
    Ok(key)
}
