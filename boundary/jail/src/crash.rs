//! Which isolate a cordon dies of, told in its last moment.
//!
//! A fault in one isolate's thread ends the process, and from outside nobody could tell whose
//! isolate it was. So the signals of a fault have a handler that sends one packet with the
//! isolate's number over the control link, and then lets the process die. It is a hint, not proof:
//! whoever has taken the process over can send any packet.

use std::cell::Cell;
use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::OnceLock;

use libc::{c_int, c_void, siginfo_t};

/// Bytes of a report.
pub const CRASH_REPORT: usize = 10;

/// What a report looks like, for the isolate and the signal.
pub type CrashReport = fn(isolate: u64, signal: u8) -> [u8; CRASH_REPORT];

/// Signals that say that this process has broken something. What seccomp ends, ends without one.
const DEADLY: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGABRT];

static REPORT: OnceLock<CrashReport> = OnceLock::new();

thread_local! {
    /// The isolate that this thread runs; 0 for none. Constant and without a destructor, so that
    /// reading it in a handler is reading memory.
    static ISOLATE: Cell<u64> = const { Cell::new(0) };
}

/// Says that this thread runs the isolate with this number.
pub fn run_isolate(number: u64) {
    ISOLATE.set(number);
}

/// Makes faults of this process known on the control link, which must be standard input. To be
/// called once, before the engine starts: the engine keeps a handler of its own for WebAssembly in
/// front of this one.
///
/// # Errors
///
/// What the system says.
pub fn report_crashes(report: CrashReport) -> io::Result<()> {
    let _ = REPORT.set(report);
    for signal in DEADLY {
        // SAFETY: all zeros is a valid `sigaction`; `on_fault` has the signature that SA_SIGINFO
        // promises and does nothing that is forbidden in a handler.
        let done = unsafe {
            let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
            action.sa_sigaction = on_fault as *const () as usize;
            // On the thread's other stack, for the fault may be that the first one is full.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, null_mut())
        };
        if done != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// # Safety
///
/// Only the kernel, or a handler in front of this one, calls it. It calls nothing but system
/// calls and reads two constants, so it may interrupt anything.
unsafe extern "C" fn on_fault(signal: c_int, _info: *mut siginfo_t, _context: *mut c_void) {
    if let Some(report) = REPORT.get() {
        let packet = report(ISOLATE.get(), u8::try_from(signal).unwrap_or(0));
        // SAFETY: the packet lives to the end of the call. That it may not arrive changes nothing.
        unsafe {
            let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
            let (bytes, length) = (packet.as_ptr().cast(), packet.len());
            libc::sendto(libc::STDIN_FILENO, bytes, length, flags, std::ptr::null(), 0);
        }
    }
    // Not by a signal to itself: the first process of a namespace does not take those. Not by
    // returning to the instruction either: a signal that somebody sent would not come again. A
    // fault without a handler ends any process.
    // SAFETY: the default action is a valid one. The write is to no object on purpose; the kernel
    // ends the process for it, so nothing can come to depend on it.
    unsafe {
        libc::signal(libc::SIGSEGV, libc::SIG_DFL);
        std::ptr::null_mut::<u8>().write_volatile(0);
    }
}
