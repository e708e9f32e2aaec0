use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Mode;
use std::os::unix::process::CommandExt;

/// How the host starts a cordon: `control` as standard input, a pipe as standard error, and
/// nothing else of the host's.
///
/// The process stops in [`confine`](crate::confine) until the first byte or packet arrives on the
/// control link, so that the caller can put it into its cgroup meanwhile.
pub fn command(binary: &Path, control: OwnedFd, mode: Mode) -> Command {
    let mut command = Command::new(binary);
    command
        .args(mode.arguments())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(control))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A terminal's interrupt is for the host, which lets requests finish first.
        .process_group(0);
    command
}
