//! The process that the supervisor started, once the cordon lives in another one.
//!
//! A process cannot enter a new process namespace; only its children are born there. So the
//! cordon forks once. The parent gives up the same as its child, and more: it waits for the child,
//! ends as the child ended, and may make no other system call. The child ends with it, and it
//! ends with the supervisor; so whoever kills either kills both.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::pipe::{PipeFlags, pipe_with};

use crate::privileges::{self, Identity};
use crate::steps::Steps;
use crate::{JailError, Mode, filter, limits, start};

/// How the parent ends when it could not give up what it should, or a signal does not end it.
const FAILURE: i32 = 1;

/// What the parent is called.
const NAME: &std::ffi::CStr = c"insula-relay";

/// The parent, as far as its child knows.
pub(crate) struct Parent {
    /// Hangs up when the parent ends.
    life: OwnedFd,
}

impl Parent {
    /// Whether it lives. To be called after [`privileges::end_with_parent`], which says nothing
    /// about a parent that ended before.
    pub(crate) fn is_there(&self) -> Result<(), JailError> {
        start::is_there(self.life.as_fd())
    }
}

/// Forks. Returns in the child only; the parent never returns. There must be one thread.
pub(crate) fn part(identity: Identity, mode: Mode) -> Result<Parent, JailError> {
    let pipe = pipe_with(PipeFlags::CLOEXEC);
    let (life, held) = pipe.map_err(|error| JailError::Fork(error.into()))?;
    // SAFETY: there is one thread, so the child's memory is in a state that it knows.
    match unsafe { libc::fork() } {
        -1 => Err(JailError::Fork(io::Error::last_os_error())),
        0 => Ok(Parent { life }),
        child => {
            drop(life);
            relay(child, identity, mode, held)
        }
    }
}

fn relay(child: libc::pid_t, identity: Identity, mode: Mode, _held: OwnedFd) -> ! {
    if let Err(error) = settle(identity, mode) {
        // The child sees the end of this process and ends with the reason that it has itself.
        eprintln!("insula-cordon: {error}");
        exit(FAILURE);
    }
    end_like(wait_for(child))
}

fn settle(identity: Identity, mode: Mode) -> Result<(), JailError> {
    // For whoever looks at the list of processes; nothing depends on it.
    let _ = rustix::thread::set_name(NAME);
    let mut steps = Steps::new(mode);
    steps.take(limits::set())?;
    privileges::give_up(&mut steps, identity)?;
    // The link tells whether the supervisor lived when its end began to be this process's end.
    start::is_there(io::stdin().as_fd())?;
    for fd in [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        // SAFETY: this function's caller never returns, and nothing it calls from here on uses a
        // standard stream.
        unsafe { rustix::io::close(fd) };
    }
    steps.take(filter::install(filter::RELAY, false))?;
    Ok(())
}

fn wait_for(child: libc::pid_t) -> libc::c_int {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a valid place for the status.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if waited == child {
            return status;
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            exit(FAILURE);
        }
    }
}

fn end_like(status: libc::c_int) -> ! {
    if libc::WIFSIGNALED(status) {
        let signal = libc::WTERMSIG(status);
        // SAFETY: the default action is a valid one, and the signal goes to this process.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::kill(libc::getpid(), signal);
        }
        exit(FAILURE);
    }
    exit(libc::WEXITSTATUS(status))
}

fn exit(status: i32) -> ! {
    // SAFETY: ends the process; destructors and buffers are its child's business.
    unsafe { libc::_exit(status) }
}
