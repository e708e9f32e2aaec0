//! What must be true before anything is given up.

use std::env;
use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, RawFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, FdFlags};
use rustix::net::SocketType;

use crate::JailError;

const DESCRIPTORS: &str = "/proc/self/fd";
const THREADS: &str = "/proc/self/task";

/// Holds the process to how a supervisor starts it: a control link as standard input, an empty
/// environment, one thread. Closes what came in besides, and makes standard output a second
/// standard error: a closed one would be reused for the next link, and stray output end there.
pub(crate) fn check() -> Result<(), JailError> {
    let control = io::stdin();
    if !matches!(rustix::net::sockopt::socket_type(&control), Ok(SocketType::SEQPACKET)) {
        return Err(JailError::NoControlLink);
    }
    if env::vars_os().next().is_some() {
        return Err(JailError::Environment);
    }
    one_thread()?;
    rustix::stdio::dup2_stdout(io::stderr()).map_err(JailError::StandardStreams)?;
    close_strays()
}

/// Most of what is given up is a thread's: with others about, it would not hold.
pub(crate) fn one_thread() -> Result<(), JailError> {
    match numbers(THREADS)?.len() {
        1 => Ok(()),
        threads => Err(JailError::Threads(threads)),
    }
}

/// Finds out where the kernel's clock is in this process's memory, and how large pages are, as long as this
/// process may read its own files under `/proc`: before Linux 6.4 the answer is in one, and whoever asked first
/// later would not get it; who asks for the page size panics then.
pub(crate) fn learn_the_machine() {
    // One look finds both.
    let _ = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
}

/// Returns when the supervisor has spoken. It speaks when it has put this process into its
/// cgroup; what this process forks before that would stay outside.
pub(crate) fn wait_for_supervisor() -> Result<(), JailError> {
    let control = io::stdin();
    loop {
        let mut fds = [PollFd::new(&control, PollFlags::IN)];
        match poll(&mut fds, None) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(JailError::FirstWord(error)),
            // There may be a word and no speaker any more.
            Ok(_) if fds[0].revents().contains(PollFlags::IN) => return is_there(control.as_fd()),
            Ok(_) => return Err(JailError::SupervisorGone),
        }
    }
}

/// Whether the other end of `link` is still open.
pub(crate) fn is_there(link: BorrowedFd<'_>) -> Result<(), JailError> {
    let mut fds = [PollFd::new(&link, PollFlags::empty())];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).map_err(JailError::FirstWord)?;
    match fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
        true => Err(JailError::SupervisorGone),
        false => Ok(()),
    }
}

/// Closes what whoever started this process's parent left open for its children.
pub(crate) fn close_strays() -> Result<(), JailError> {
    for fd in numbers(DESCRIPTORS)? {
        if fd <= libc::STDERR_FILENO {
            continue;
        }
        // SAFETY: the descriptor is only asked for its flags, within this iteration, in the only
        // thread; if it is not open, the kernel says so.
        let flags = rustix::io::fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) });
        match flags {
            // The one that the folder was read by.
            Err(_) => {}
            // It would not have survived the start of this program, so it was opened since.
            Ok(flags) if flags.contains(FdFlags::CLOEXEC) => return Err(JailError::Opened(fd)),
            // SAFETY: it came in through exec and is none of the standard ones, so nothing in
            // this process knows of it, and nothing owns it.
            Ok(_) => unsafe { rustix::io::close(fd) },
        }
    }
    Ok(())
}

fn numbers(path: &'static str) -> Result<Vec<RawFd>, JailError> {
    let text = |source| JailError::Proc { path, source };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(path).map_err(text)? {
        let name = entry.map_err(text)?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.parse::<RawFd>().ok()));
    }
    Ok(numbers)
}
