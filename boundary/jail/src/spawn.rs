use std::env;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Mode;
use std::os::unix::process::CommandExt;

/// The argument of a cordon that makes no machine code at run time.
const NO_JIT: &str = "--no-jit";

/// Whether this process, a cordon, may make machine code at run time; it was started so.
pub fn may_jit() -> bool {
    env::args_os().skip(1).all(|argument| argument != NO_JIT)
}

/// How the host starts a cordon: `control` as standard input, a pipe as standard error, and
/// nothing else of the host's.
///
/// The process stops in [`confine`](crate::confine) until the first byte or packet arrives on the
/// control link, so that the caller can put it into its cgroup meanwhile.
pub fn command(binary: &Path, control: OwnedFd, mode: Mode, jit: bool) -> Command {
    let mut command = Command::new(binary);
    command
        .args(mode.arguments())
        .args((!jit).then_some(NO_JIT))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(control))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A terminal's interrupt is for the host, which lets requests finish first.
        .process_group(0);
    command
}
