use std::env::current_exe;
use std::process::{ExitCode, Stdio};

use insula_jail::{Mode, command};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socketpair};

/// Starts an inmate that waits, and waits for it.
pub fn supervise() -> ExitCode {
    let kind = SocketType::SEQPACKET;
    let link = socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None);
    let (Ok((control, theirs)), Ok(binary)) = (link, current_exe()) else {
        return ExitCode::FAILURE;
    };
    let mut inmate = command(&binary, theirs, Mode::Strict, true);
    let inmate = inmate.args(["end", "wait"]).stderr(Stdio::inherit()).spawn();
    let said = send(&control, b"hello", SendFlags::NOSIGNAL);
    match (inmate.and_then(|mut inmate| inmate.wait()), said) {
        (Ok(_), Ok(_)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
