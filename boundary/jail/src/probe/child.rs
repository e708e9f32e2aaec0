//! The process to throw away.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketFlags, SocketType};

use crate::confine::lock_in;
use crate::steps::Steps;
use crate::{JailError, Landlock, Mode, filter, privileges};

/// How long the child may be silent; its steps need some milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes that the child may say: some dozens of lines.
const REPORT: u64 = 64 << 10;

/// What the child found out.
pub(super) struct Outcome {
    /// Whether it was root that tried.
    pub(super) privileged: bool,
    /// Each step that failed: the row that it concerns, what happened, and advice.
    pub(super) failed: Vec<(Row, String, String)>,
    pub(super) landlock: Landlock,
    /// Whether the forbidden system call ended it.
    pub(super) killed: bool,
    /// Why there is nothing else to know.
    pub(super) broken: Option<String>,
}

/// A row that steps belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    User,
    Files,
    Network,
    Ipc,
    HostName,
    CgroupView,
    Processes,
    Limits,
    NoNewPrivileges,
    Capabilities,
    NotDumpable,
    EndsWithParent,
    Landlock,
    Filter,
}

/// All rows, in the order of the steps.
pub(super) const ROWS: [Row; 14] = [
    Row::User,
    Row::Files,
    Row::Network,
    Row::Ipc,
    Row::HostName,
    Row::CgroupView,
    Row::Processes,
    Row::Limits,
    Row::NoNewPrivileges,
    Row::Capabilities,
    Row::NotDumpable,
    Row::EndsWithParent,
    Row::Landlock,
    Row::Filter,
];

/// Forks, lets the child do what a cordon does, and returns what it says and how it ends.
pub(super) fn run() -> Outcome {
    let privileged = privileges::may_administer();
    let (mut failed, mut landlock) = (Vec::new(), Landlock::Missing);
    let (killed, broken) = match report(try_all) {
        Ok((lines, killed)) => {
            for line in lines.lines() {
                read_line(line, &mut failed, &mut landlock);
            }
            (killed, None)
        }
        Err(error) => (false, Some(error.to_string())),
    };
    Outcome { privileged, failed, landlock, killed, broken }
}

/// The child's lines, and whether the kernel killed it for its system call. `what` is done in the
/// child, and may end it.
pub(super) fn report(what: impl FnOnce(UnixStream)) -> io::Result<(String, bool)> {
    let (mut ours, theirs) = UnixStream::pair()?;
    // What the child has for a supervisor.
    let kind = SocketType::SEQPACKET;
    let (supervisor, control) =
        rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)?;
    // SAFETY: the child only uses memory of its own and the allocator, which the C library keeps
    // usable in a child; it takes no lock that another thread may hold, and never returns.
    let child = match unsafe { libc::fork() } {
        -1 => return Err(io::Error::last_os_error()),
        0 => {
            drop((ours, supervisor));
            let stdin = rustix::stdio::dup2_stdin(&control);
            drop(control);
            if stdin.is_ok() {
                what(theirs);
            }
            // SAFETY: ends the process at once, without the destructors of the parent's things.
            unsafe { libc::_exit(1) }
        }
        child => child,
    };
    drop((theirs, control));
    let said = listen(&mut ours);
    if said.is_err() {
        // SAFETY: the process is this one's child and was not waited for.
        unsafe { libc::kill(child, libc::SIGKILL) };
    }
    let mut status = 0;
    // SAFETY: `status` is a valid place for the status.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } == -1 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    drop(supervisor);
    let killed = libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSYS;
    Ok((said?, killed))
}

fn listen(socket: &mut UnixStream) -> io::Result<String> {
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut text = String::new();
    match socket.take(REPORT).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        // What the kernel calls a read that took too long.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            Err(io::ErrorKind::TimedOut.into())
        }
        Err(error) => Err(error),
    }
}

/// In the child: everything that a cordon does, and then what none may.
fn try_all(mut to: UnixStream) {
    let mut steps = Steps::new(Mode::Lenient);
    let locked = lock_in(&mut steps, Mode::Lenient);
    let mut lines = String::new();
    let mut note = |error: &JailError| {
        if let Some(at) = ROWS.iter().position(|row| *row == row_of(error)) {
            lines.push_str(&format!("{at}\t{error}\t{}\n", error.advice()));
        }
    };
    let landlock = locked.unwrap_or_else(|error| {
        note(&error);
        Landlock::Missing
    });
    steps.into_missing().iter().for_each(&mut note);
    let version = match landlock {
        Landlock::Full => i32::MAX,
        Landlock::Partial { abi } => abi,
        Landlock::Missing => 0,
    };
    lines.push_str(&format!("landlock\t{version}\n"));
    if to.write_all(lines.as_bytes()).is_err() {
        return;
    }
    match filter::install(filter::CORDON, true) {
        // SAFETY: asks for a socket, and ends the process if there was one.
        Ok(()) => unsafe {
            libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
        },
        Err(error) => {
            let at = ROWS.len() - 1;
            // Nobody listens any more if this fails.
            let _ = to.write_all(format!("{at}\t{error}\t{}\n", error.advice()).as_bytes());
        }
    }
}

fn read_line(line: &str, failed: &mut Vec<(Row, String, String)>, landlock: &mut Landlock) {
    let mut parts = line.splitn(3, '\t');
    let (Some(head), Some(text)) = (parts.next(), parts.next()) else { return };
    if head == "landlock" {
        *landlock = match text.parse() {
            Ok(i32::MAX) => Landlock::Full,
            Ok(abi) if abi > 0 => Landlock::Partial { abi },
            _ => Landlock::Missing,
        };
    } else if let Some(row) = head.parse().ok().and_then(|at: usize| ROWS.get(at)) {
        failed.push((*row, text.to_owned(), parts.next().unwrap_or_default().to_owned()));
    }
}

fn row_of(error: &JailError) -> Row {
    use crate::Namespace;
    match error {
        JailError::Namespace { which, .. } => match which {
            Namespace::User => Row::User,
            Namespace::Mount => Row::Files,
            Namespace::Network => Row::Network,
            Namespace::Ipc => Row::Ipc,
            Namespace::HostName => Row::HostName,
            Namespace::Cgroup => Row::CgroupView,
            Namespace::Process => Row::Processes,
        },
        JailError::UserMap { .. } | JailError::User(_) | JailError::Groups(_) => Row::User,
        JailError::PrivateMounts(_)
        | JailError::MountRoot(_)
        | JailError::PivotRoot(_)
        | JailError::DetachHost(_)
        | JailError::ReadOnlyRoot(_) => Row::Files,
        JailError::HostName(_) => Row::HostName,
        JailError::Fork(_) => Row::Processes,
        JailError::Limit { .. } => Row::Limits,
        JailError::NoNewPrivileges(_) => Row::NoNewPrivileges,
        JailError::Capabilities { .. } => Row::Capabilities,
        JailError::NotDumpable(_) => Row::NotDumpable,
        JailError::Landlock(_) => Row::Landlock,
        JailError::FilterBuild(_) | JailError::FilterInstall(_) => Row::Filter,
        _ => Row::EndsWithParent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn ignore(_: libc::c_int) {}

    #[test]
    #[expect(clippy::disallowed_methods, reason = "lets the listener go back to its read")]
    fn a_signal_while_the_child_works_does_not_end_the_listening() {
        // SAFETY: the action is complete (no flags, so reads are not restarted), and its handler
        // does nothing. No other test uses the signal.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = ignore as *const () as libc::sighandler_t;
            assert_eq!(libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()), 0);
        }
        // SAFETY: has no requirements.
        let listener = unsafe { libc::pthread_self() };
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let child = std::thread::spawn(move || {
            for _ in 0..50 {
                // SAFETY: the listening thread joins this one, so it lives.
                assert_eq!(unsafe { libc::pthread_kill(listener, libc::SIGUSR1) }, 0);
                std::thread::sleep(Duration::from_millis(1));
            }
            theirs.write_all(b"said").unwrap();
        });
        let said = listen(&mut ours);
        child.join().unwrap();
        assert_eq!(said.unwrap(), "said");
    }
}
