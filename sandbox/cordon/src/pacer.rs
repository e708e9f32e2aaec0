//! Isolates that compute wait for those that do not.
//!
//! The kernel shares the processors equally between threads, but it may let a thread that wakes wait
//! until all that run have had their turns. With a hundred isolates that compute, a request that needs
//! a tenth of a millisecond would wait for a tenth of a second. So an isolate that has used much of a
//! processor lately is made patient: it still gets its share, and those that seldom run come first.

use insula_jail::{Pace, set_pace};

use crate::thread_clock::ThreadClock;

/// Nanoseconds between two looks at one isolate: each costs a system call.
const INTERVAL: u64 = 10_000_000;

/// Nanoseconds in which what an isolate has used is half forgotten.
const HALF_LIFE: u64 = 50_000_000;

/// CPU time, remembered so, from which on an isolate is patient, and until which it stays so.
const HOT: u64 = 15_000_000;
const COOL: u64 = 5_000_000;

/// What is known of one isolate's use of processors.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    /// Nanoseconds on the watchdog's clock.
    looked: u64,
    /// What the thread's clock showed then.
    cpu: u64,
    /// CPU time of late, the older the less.
    heat: u64,
    is_patient: bool,
}

impl Pacer {
    /// Looks at an isolate in a turn, if the last look was long enough ago.
    pub(crate) fn look(&mut self, now: u64, clock: ThreadClock) {
        let time = now.saturating_sub(self.looked);
        if time < INTERVAL {
            return;
        }
        let Some(cpu) = clock.time() else { return };
        let cpu = u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX);
        if let Some(pace) = self.take(time, cpu) {
            // A thread that ends just now needs no pace.
            let _ = set_pace(clock.thread(), pace);
        }
        self.looked = now;
    }

    /// Takes in what the thread's clock shows after `time`; returns the pace to set, if it changes.
    fn take(&mut self, time: u64, cpu: u64) -> Option<Pace> {
        let halvings = time as f64 / HALF_LIFE as f64;
        self.heat = (self.heat as f64 * (-halvings).exp2()) as u64;
        // Since the last look only as much counts as could have been used lately.
        self.heat += cpu.saturating_sub(self.cpu).min(HALF_LIFE);
        self.cpu = cpu;
        let was = self.is_patient;
        self.is_patient = self.heat > if was { COOL } else { HOT };
        match self.is_patient {
            now if now == was => None,
            true => Some(Pace::Patient),
            false => Some(Pace::Prompt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_computes_becomes_patient_and_who_rests_prompt_again() {
        let mut pacer = Pacer::default();
        let changes: Vec<_> = (1..=10).filter_map(|n| pacer.take(INTERVAL, n * INTERVAL)).collect();
        assert_eq!(changes, [Pace::Patient]);
        assert_eq!(pacer.take(10 * HALF_LIFE, 10 * INTERVAL + 100_000), Some(Pace::Prompt));
    }

    #[test]
    fn who_computes_now_and_then_stays_prompt() {
        let mut pacer = Pacer::default();
        for n in 1..100 {
            assert_eq!(pacer.take(INTERVAL, n * INTERVAL / 20), None);
        }
    }
}
