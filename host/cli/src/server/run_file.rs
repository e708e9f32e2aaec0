use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What a running server tells about itself, in its data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// The server's process.
    pub pid: u32,
    /// Where tenants' requests arrive.
    pub listen: SocketAddr,
    /// Where the admin API listens.
    pub admin: SocketAddr,
}

/// The file, as long as this lives.
#[derive(Debug)]
pub struct WrittenRunFile {
    path: PathBuf,
}

impl RunFile {
    /// The file's name in the data folder.
    pub const NAME: &str = "run.json";

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// Whatever writing fails with.
    pub fn write(&self, data: &Path) -> io::Result<WrittenRunFile> {
        let path = data.join(Self::NAME);
        let unfinished = data.join(format!("{}.new", Self::NAME));
        // One that a killed server has left may have been made by somebody else.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all((serde_json::to_string(self)? + "\n").as_bytes())?;
        fs::rename(&unfinished, &path)?;
        Ok(WrittenRunFile { path })
    }
}

impl Drop for WrittenRunFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the run file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_there_while_the_server_is() {
        let data = tempfile::tempdir().unwrap();
        let run = RunFile {
            pid: 7,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin: SocketAddr::from(([127, 0, 0, 1], 9090)),
        };
        let written = run.write(data.path()).unwrap();
        let text = fs::read_to_string(data.path().join("run.json")).unwrap();
        assert_eq!(
            text,
            "{\"pid\":7,\"listen\":\"127.0.0.1:8080\",\"admin\":\"127.0.0.1:9090\"}\n"
        );
        drop(written);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }
}
