//! Every rule of the filter, exercised.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::{
    CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID, F_GETFD, FIONBIO, FUTEX_WAIT, FUTEX_WAIT_BITSET,
    FUTEX_WAKE, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MAP_ANONYMOUS,
    MAP_PRIVATE, PR_SET_NAME, PR_SET_VMA, PROT_EXEC, PROT_READ, PROT_WRITE, RLIMIT_AS,
};

use crate::call::{at, at_mut, call};

const PAGE: usize = 4096;
const CLOCK: usize = CLOCK_MONOTONIC as usize;

/// Makes the call that the rule `name` is about. `None`: no such rule.
pub fn exercise(name: &str, link: &(UnixStream, UnixStream)) -> Option<io::Result<()>> {
    on_links(name, link)
        .or_else(|| on_memory(name))
        .or_else(|| on_threads(name))
        .or_else(|| on_itself(name))
        .or_else(|| refused(name))
}

fn on_links(name: &str, (ours, theirs): &(UnixStream, UnixStream)) -> Option<io::Result<()>> {
    let (here, there) = (ours.as_raw_fd() as usize, theirs.as_raw_fd() as usize);
    let byte = [b'x'; 1];
    let mut room = [0_u8; 8];
    let say = || call(libc::SYS_write, [there, at(&byte), 1]);
    let mut vector = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
    let poll = libc::pollfd { fd: ours.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let result = match name {
        "read" => say().and_then(|_| call(libc::SYS_read, [here, at_mut(&mut room), 8])),
        "recvfrom" => {
            say().and_then(|_| call(libc::SYS_recvfrom, [here, at_mut(&mut room), 8, 0, 0, 0]))
        }
        "write" => say(),
        "writev" => call(libc::SYS_writev, [there, at(&vector), 1]),
        "close" => call(libc::SYS_close, [100]).or_else(expected(libc::EBADF)),
        #[cfg(target_arch = "x86_64")]
        "poll" => say().and_then(|_| call(libc::SYS_poll, [at(&poll), 1, 0])),
        "ppoll" => say().and_then(|_| call(libc::SYS_ppoll, [at(&poll), 1, 0, 0, 0])),
        "recvmsg" => {
            // SAFETY: all zeros is a message without parts.
            let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
            message.msg_iov = &raw mut vector;
            message.msg_iovlen = 1;
            say().and_then(|_| call(libc::SYS_recvmsg, [here, at_mut(&mut message), 0]))
        }
        "sendto without an address" => call(libc::SYS_sendto, [there, at(&byte), 1, 0, 0, 0]),
        "ioctl FIONBIO" => call(libc::SYS_ioctl, [here, FIONBIO as usize, at(&1_i32)]),
        "fcntl F_GETFD" => call(libc::SYS_fcntl, [here, F_GETFD as usize, 0]),
        _ => return None,
    };
    Some(result.map(drop))
}

fn on_memory(name: &str) -> Option<io::Result<()>> {
    let map = |protection| {
        let flags = (MAP_PRIVATE | MAP_ANONYMOUS) as usize;
        call(libc::SYS_mmap, [0, PAGE, protection as usize, flags, usize::MAX, 0])
    };
    let protect = |protection: i32| {
        let pages = map(PROT_READ)?;
        call(libc::SYS_mprotect, [pages, PAGE, protection as usize])
    };
    // Some kernels do not know some advice.
    let advise = |advice: i32| {
        let pages = map(PROT_READ | PROT_WRITE)?;
        call(libc::SYS_madvise, [pages, PAGE, advice as usize]).or_else(expected(libc::EINVAL))
    };
    let result = match name {
        "mmap, not executable" => map(PROT_READ | PROT_WRITE),
        "mmap, not writable" => map(PROT_READ | PROT_EXEC),
        "mprotect, not executable" => protect(PROT_READ | PROT_WRITE),
        "mprotect, not writable" => protect(PROT_READ | PROT_EXEC),
        "munmap" => map(PROT_READ).and_then(|pages| call(libc::SYS_munmap, [pages, PAGE])),
        "mremap" => map(PROT_READ).and_then(|pages| {
            call(libc::SYS_mremap, [pages, PAGE, 2 * PAGE, libc::MREMAP_MAYMOVE as usize])
        }),
        "brk" => call(libc::SYS_brk, [0]),
        "madvise MADV_DONTNEED" => advise(MADV_DONTNEED),
        "madvise MADV_FREE" => advise(MADV_FREE),
        "madvise MADV_HUGEPAGE" => advise(MADV_HUGEPAGE),
        "madvise MADV_NOHUGEPAGE" => advise(MADV_NOHUGEPAGE),
        "madvise MADV_GUARD_INSTALL" => advise(102),
        _ => return None,
    };
    Some(result.map(drop))
}

fn on_threads(name: &str) -> Option<io::Result<()>> {
    let word = 1_u32;
    let wait = |operation: i32| {
        let operation = (operation | libc::FUTEX_PRIVATE_FLAG) as usize;
        let another = 0;
        let any = u32::MAX as usize;
        call(libc::SYS_futex, [at(&word), operation, another, 0, 0, any])
    };
    let in_thread = || {
        let thread = std::thread::Builder::new().spawn(|| 1)?;
        thread.join().map_err(|_| io::Error::other("panicked"))
    };
    let result = match name {
        "clone of a thread" | "exit" => in_thread(),
        "set_robust_list" => call(libc::SYS_set_robust_list, [at(&[0_usize; 3]), 24]),
        "rseq" => call(libc::SYS_rseq, [0, 0, 0, 0]).or_else(expected(libc::EINVAL)),
        "gettid" => call(libc::SYS_gettid, []),
        "getpid" => call(libc::SYS_getpid, []),
        "sched_yield" => call(libc::SYS_sched_yield, []),
        "sched_getaffinity" => {
            call(libc::SYS_sched_getaffinity, [0, 1024, at_mut(&mut [0_u8; 1024])])
        }
        // Of a thread that is not there.
        "sched_setattr" => call(libc::SYS_sched_setattr, [1 << 22, at(&[48_u32; 12]), 0])
            .or_else(expected(libc::EINVAL))
            .or_else(expected(libc::ESRCH)),
        // SAFETY: ends the process.
        "exit_group" => unsafe { libc::_exit(0) },
        "futex FUTEX_WAIT" => wait(FUTEX_WAIT).or_else(expected(libc::EAGAIN)),
        "futex FUTEX_WAKE" => wait(FUTEX_WAKE),
        "futex FUTEX_WAIT_BITSET" => wait(FUTEX_WAIT_BITSET).or_else(expected(libc::EAGAIN)),
        #[cfg(target_arch = "aarch64")]
        "membarrier" => call(libc::SYS_membarrier, [0, 0, 0]),
        "rt_sigaction" | "rt_sigreturn" | "tgkill SIGABRT to itself" => handle_abort(),
        "rt_sigprocmask" => call(libc::SYS_rt_sigprocmask, [0, 0, at_mut(&mut 0_u64), 8]),
        "sigaltstack" => {
            // SAFETY: all zeros is a description of no stack.
            let mut stack: libc::stack_t = unsafe { std::mem::zeroed() };
            call(libc::SYS_sigaltstack, [0, at_mut(&mut stack)])
        }
        "restart_syscall" => call(libc::SYS_restart_syscall, []).or_else(expected(libc::EINTR)),
        _ => return None,
    };
    Some(result.map(drop))
}

fn on_itself(name: &str) -> Option<io::Result<()>> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 1 };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let mut room = [0_u8; 512];
    let prctl = |what: i32, a, b, c| call(libc::SYS_prctl, [what as usize, a, b, c, 0]);
    let result = match name {
        "clock_gettime" => {
            call(libc::SYS_clock_gettime, [CLOCK_THREAD_CPUTIME_ID as usize, at_mut(&mut time)])
        }
        "clock_nanosleep" => call(libc::SYS_clock_nanosleep, [CLOCK, 0, at(&time), 0]),
        #[cfg(target_arch = "x86_64")]
        "gettimeofday" => call(libc::SYS_gettimeofday, [at_mut(&mut time), 0]),
        #[cfg(target_arch = "x86_64")]
        "time" => call(libc::SYS_time, [0]),
        "getrandom" => call(libc::SYS_getrandom, [at_mut(&mut room), 16, 0]),
        "prlimit64 to read" => {
            call(libc::SYS_prlimit64, [0, RLIMIT_AS as usize, 0, at_mut(&mut limit)])
        }
        "prctl PR_SET_NAME" => prctl(PR_SET_NAME, at(b"inmate\0"), 0, 0),
        // Refused in a cordon; and kernels without names for memory say so.
        "prctl PR_SET_VMA" => prctl(PR_SET_VMA, 0, 0, 0)
            .or_else(expected(libc::ENOSYS))
            .or_else(expected(libc::EINVAL)),
        "prctl PR_GET_AUXV" => {
            prctl(0x4155_5856, at_mut(&mut room), 512, 0).or_else(expected(libc::EINVAL))
        }
        _ => return None,
    };
    Some(result.map(drop))
}

/// Calls that are not made, and do not end the process.
fn refused(name: &str) -> Option<io::Result<()>> {
    let path = at(b"/etc/localtime\0");
    let here = libc::AT_FDCWD as usize;
    let room = at_mut(&mut [0_u8; 512]);
    let (result, error) = match name {
        "clone3" => (call(libc::SYS_clone3, [0, 0]), libc::ENOSYS),
        "openat to read" => (call(libc::SYS_openat, [here, path, 0, 0]), libc::ENOENT),
        #[cfg(target_arch = "x86_64")]
        "open to read" => (call(libc::SYS_open, [path, 0, 0]), libc::ENOENT),
        #[cfg(target_arch = "x86_64")]
        "readlink" => (call(libc::SYS_readlink, [path, room, 512]), libc::ENOENT),
        "readlinkat" => (call(libc::SYS_readlinkat, [here, path, room, 512]), libc::ENOENT),
        "newfstatat" => (call(libc::SYS_newfstatat, [here, path, room, 0]), libc::ENOENT),
        #[cfg(target_arch = "x86_64")]
        "access" => (call(libc::SYS_access, [path, 0]), libc::ENOENT),
        "faccessat" => (call(libc::SYS_faccessat, [here, path, 0]), libc::ENOENT),
        "getcwd" => (call(libc::SYS_getcwd, [room, 512]), libc::ENOENT),
        "fstat" => (call(libc::SYS_fstat, [2, room]), libc::EPERM),
        "getrusage" => (call(libc::SYS_getrusage, [0, room]), libc::EPERM),
        "sysinfo" => (call(libc::SYS_sysinfo, [room]), libc::EPERM),
        _ => return None,
    };
    Some(match result {
        Ok(_) => Err(io::Error::other("was not refused")),
        Err(other) => expected(error)(other).map(drop),
    })
}

/// Whether an error is what the call, let through, ends with.
fn expected(number: i32) -> impl Fn(io::Error) -> io::Result<usize> {
    move |error| match error.raw_os_error() {
        Some(found) if found == number => Ok(0),
        _ => Err(error),
    }
}

static HANDLED: AtomicBool = AtomicBool::new(false);

/// Installs a handler, raises the signal, and comes back.
fn handle_abort() -> io::Result<usize> {
    extern "C" fn note(_signal: libc::c_int) {
        HANDLED.store(true, Ordering::SeqCst);
    }
    let handler: extern "C" fn(libc::c_int) = note;
    // SAFETY: the handler does what a handler may do: it stores into an atomic.
    unsafe { libc::signal(libc::SIGABRT, handler as libc::sighandler_t) };
    let (process, thread) = (call(libc::SYS_getpid, [])?, call(libc::SYS_gettid, [])?);
    call(libc::SYS_tgkill, [process, thread, libc::SIGABRT as usize])?;
    match HANDLED.load(Ordering::SeqCst) {
        true => Ok(0),
        false => Err(io::Error::other("the signal did not arrive")),
    }
}
