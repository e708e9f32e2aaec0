use std::io;
use std::sync::OnceLock;

/// How a thread is scheduled while processors are short. No choice needs a right, but one to be less than meek again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It runs as soon as it has something to do, and not for long at a time: for what waits most of the time.
    Prompt,
    /// It runs for longer at a time, after those that are prompt: for what computes.
    Patient,
    /// The same, and it has a tenth of what the others have: they come first also when they have computed much already.
    Meek,
}

/// How nice a meek thread is beyond its process.
const MEEK: i32 = 10;

/// What the kernel is told (sched_setattr(2)).
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    /// Since Linux 6.12, for these policies: the time that a thread runs before others do, in nanoseconds. A
    /// thread with a shorter one takes the processor from a thread with a longer one when it wakes. Older
    /// kernels ignore it.
    slice: u64,
    deadline: u64,
    period: u64,
}

/// Sets the pace of a thread of this process, by its number; 0 is the calling one. Threads that it starts
/// later have the same.
///
/// # Errors
///
/// The thread has ended.
pub fn set_pace(thread: i32, pace: Pace) -> io::Result<()> {
    let (policy, slice, nicer) = match pace {
        Pace::Prompt => (libc::SCHED_OTHER, 300_000, 0),
        Pace::Patient => (libc::SCHED_BATCH, 6_000_000, 0),
        Pace::Meek => (libc::SCHED_BATCH, 6_000_000, MEEK),
    };
    // How nice the process is stays as it is: to become less nice takes a right. Asked for at the first call,
    // which comes before any filter.
    static NICE: OnceLock<i32> = OnceLock::new();
    let own = || rustix::process::getpriority_process(None).unwrap_or(0);
    let nice = *NICE.get_or_init(own);
    let attributes = Attributes {
        size: size_of::<Attributes>() as u32,
        policy: policy as u32,
        flags: 0,
        nice: (nice + nicer).min(19),
        priority: 0,
        slice,
        deadline: 0,
        period: 0,
    };
    // SAFETY: the structure lives through the call, and says how large it is; the kernel only reads it.
    let set = unsafe { libc::syscall(libc::SYS_sched_setattr, thread, &raw const attributes, 0) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_can_be_slowed_down_and_set_free_again() {
        let own = rustix::thread::gettid().as_raw_nonzero().get();
        for (pace, policy) in [
            (Pace::Patient, libc::SCHED_BATCH),
            (Pace::Prompt, libc::SCHED_OTHER),
            (Pace::Patient, libc::SCHED_BATCH),
        ] {
            set_pace(own, pace).expect("no right is needed");
            // SAFETY: asks about this thread.
            assert_eq!(unsafe { libc::sched_getscheduler(0) }, policy);
        }
        let nice = || rustix::process::getpriority_process(rustix::process::Pid::from_raw(own));
        let before = nice().expect("a thread of this process");
        set_pace(own, Pace::Meek).expect("no right is needed");
        assert_eq!(nice().expect("a thread of this process"), (before + MEEK).min(19));
    }
}
