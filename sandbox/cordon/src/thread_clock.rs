use std::time::Duration;

use nix::time::ClockId;

/// The CPU clock of one thread, for other threads to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadClock {
    clock: ClockId,
    thread: i32,
}

impl ThreadClock {
    /// The clock of the calling thread.
    pub(crate) fn of_this_thread() -> Self {
        /// How the kernel's interface marks a clock as one thread's, counted by the scheduler.
        const PER_THREAD: i32 = 0b100;
        const SCHEDULED: i32 = 0b010;
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        Self { clock: ClockId::from_raw((!thread << 3) | PER_THREAD | SCHEDULED), thread }
    }

    /// The thread's number.
    pub(crate) fn thread(self) -> i32 {
        self.thread
    }

    /// The CPU time that the thread has used; `None` once it has ended.
    pub(crate) fn time(self) -> Option<Duration> {
        self.clock.now().ok().map(Duration::from)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn another_threads_work_is_seen_and_its_end_too() {
        let (clock_out, clock_in) = sync_channel(0);
        let (go_on, wait) = sync_channel::<()>(0);
        let thread = std::thread::spawn(move || {
            let clock = ThreadClock::of_this_thread();
            let began = clock.time().expect("a clock");
            let busy = Duration::from_millis(5);
            while clock.time().is_some_and(|now| now < began + busy) {}
            clock_out.send((clock, began + busy)).expect("a reader");
            wait.recv().expect("a word");
        });
        let (clock, at_least) = clock_in.recv().expect("a clock");
        assert!(clock.time().is_some_and(|time| time >= at_least));
        go_on.send(()).expect("a thread");
        thread.join().expect("no panic");
        assert_eq!(clock.time(), None);
    }
}
