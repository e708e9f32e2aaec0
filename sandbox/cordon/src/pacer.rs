//! Isolates that compute wait for those that do not.
//!
//! The kernel shares the processors equally between threads, but it may let a thread that wakes wait
//! until all that run have had their turns. With a hundred isolates that compute, a request that needs
//! a tenth of a millisecond would wait for a tenth of a second. So isolates are patient: they get their
//! share, and those come first that have shown to need little of it. Shown is that by turns, and not by what was used of
//! late: in a crowd nobody gets to use much.

use std::time::Duration;

use insula_jail::{Pace, set_pace};

use crate::thread_clock::ThreadClock;

/// Nanoseconds between two looks at one isolate: each costs a system call.
const INTERVAL: u64 = 10_000_000;

/// Nanoseconds in which what an isolate has used is half forgotten.
const HALF_LIFE: u64 = 50_000_000;

/// CPU time, remembered so, from which on an isolate is hot, and until which it stays so.
const HOT: u64 = 15_000_000;
const COOL: u64 = 5_000_000;

/// CPU time, in nanoseconds, from which on a turn does not come first any more.
const LONG: u64 = 3_000_000;

/// CPU time of a turn, in nanoseconds, of which the host is told while the turn lasts: what it has used
/// since the last time.
const TOLD: u64 = 5_000_000;

/// CPU time of usual turns, in nanoseconds, up to which an isolate needs little.
const SHORT: u64 = 1_000_000;

/// What an isolate's turns take, as its own thread sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habit {
    /// Nanoseconds of CPU time: the average of turns, of which the last ones count the most.
    usual: u64,
}

/// What is known of one isolate's use of processors.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    /// Nanoseconds on the watchdog's clock.
    looked: u64,
    /// What the thread's clock showed then.
    cpu: u64,
    /// What it showed when the host was told last.
    told: u64,
    /// CPU time of late, the older the less.
    heat: u64,
    is_hot: bool,
    /// Whether its turns are short.
    is_quick: bool,
    /// Whether it comes first now; a new isolate does not.
    is_prompt: bool,
}

impl Habit {
    /// Nothing is known of a new isolate, and it may be one of many that compute and break their limits.
    pub(crate) const NEW: Self = Self { usual: LONG };

    /// Whether a turn was so long that it did not come first to its end.
    pub(crate) fn is_long(turn: Duration) -> bool {
        turn.as_nanos() >= LONG.into()
    }

    /// After a turn that took so much CPU time.
    #[must_use]
    pub(crate) fn after(self, turn: Duration) -> Self {
        let turn = u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX);
        Self { usual: self.usual / 16 * 15 + turn / 16 }
    }

    pub(crate) fn is_quick(self) -> bool {
        self.usual <= SHORT
    }
}

impl Pacer {
    /// Looks at an isolate in a turn that began when its clock showed `began`, if the last look was long
    /// enough ago. Returns what the host shall know of the turn's CPU time.
    pub(crate) fn look(&mut self, now: u64, clock: ThreadClock, began: u64) -> Option<Duration> {
        let time = now.saturating_sub(self.looked);
        if time < INTERVAL {
            return None;
        }
        let cpu = u64::try_from(clock.time()?.as_nanos()).unwrap_or(u64::MAX);
        set(clock, self.take(time, cpu, began));
        self.looked = now;
        self.tell(cpu, began)
    }

    /// The isolate has turned out to be quick, or not to be.
    pub(crate) fn set_quick(&mut self, is_quick: bool, clock: ThreadClock) {
        self.is_quick = is_quick;
        set(clock, self.change());
    }

    /// Takes in what the thread's clock shows after `time`; returns the pace to set, if it changes.
    fn take(&mut self, time: u64, cpu: u64, began: u64) -> Option<Pace> {
        let halvings = time as f64 / HALF_LIFE as f64;
        self.heat = (self.heat as f64 * (-halvings).exp2()) as u64;
        // Since the last look only as much counts as could have been used lately.
        self.heat += cpu.saturating_sub(self.cpu).min(HALF_LIFE);
        self.cpu = cpu;
        self.is_hot = self.heat > if self.is_hot { COOL } else { HOT };
        self.is_quick &= cpu.saturating_sub(began) < LONG;
        self.change()
    }

    /// What a turn that began at `began` has used since the host was told, if it is worth telling.
    fn tell(&mut self, cpu: u64, began: u64) -> Option<Duration> {
        let untold = cpu.saturating_sub(self.told.max(began));
        if untold < TOLD {
            return None;
        }
        self.told = cpu;
        Some(Duration::from_nanos(untold))
    }

    fn change(&mut self) -> Option<Pace> {
        let is_prompt = self.is_quick && !self.is_hot;
        let was = std::mem::replace(&mut self.is_prompt, is_prompt);
        match is_prompt {
            now if now == was => None,
            true => Some(Pace::Prompt),
            false => Some(Pace::Patient),
        }
    }
}

fn set(clock: ThreadClock, pace: Option<Pace>) {
    if let Some(pace) = pace {
        // A thread that ends just now needs no pace.
        let _ = set_pace(clock.thread(), pace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quick() -> Pacer {
        let mut pacer = Pacer { is_quick: true, ..Pacer::default() };
        assert_eq!(pacer.take(INTERVAL, 0, 0), Some(Pace::Prompt));
        pacer
    }

    #[test]
    fn who_computes_becomes_patient_and_who_rests_prompt_again() {
        let mut pacer = quick();
        let mut look = |n: u64| pacer.take(INTERVAL, n * INTERVAL, n * INTERVAL);
        let changes: Vec<_> = (1..=10).filter_map(&mut look).collect();
        assert_eq!(changes, [Pace::Patient]);
        let rested = 10 * INTERVAL + 100_000;
        assert_eq!(pacer.take(10 * HALF_LIFE, rested, rested), Some(Pace::Prompt));
    }

    #[test]
    fn who_computes_now_and_then_stays_prompt() {
        let mut pacer = quick();
        for n in 1..100 {
            let cpu = n * INTERVAL / 20;
            assert_eq!(pacer.take(INTERVAL, cpu, cpu), None);
        }
    }

    #[test]
    fn a_long_turn_makes_patient_however_little_it_gets_at_a_time() {
        let mut pacer = quick();
        let changes: Vec<_> =
            (1..=40).filter_map(|n| pacer.take(10 * INTERVAL, n * LONG / 20, 0)).collect();
        assert_eq!(changes, [Pace::Patient]);
    }

    #[test]
    fn the_host_hears_of_a_long_turn_once_for_each_part() {
        let mut pacer = Pacer::default();
        let began = 40 * TOLD;
        let parts = [1, TOLD, TOLD + 1, 2 * TOLD, 5 * TOLD];
        let told: Vec<_> = parts.iter().filter_map(|cpu| pacer.tell(began + cpu, began)).collect();
        assert_eq!(told, [1, 1, 3].map(|n| Duration::from_nanos(n * TOLD)));
        // Many short turns are no long one.
        let short: Vec<_> = (50..90).filter_map(|n| pacer.tell(n * TOLD, n * TOLD - 1)).collect();
        assert_eq!(short, []);
    }

    #[test]
    fn short_turns_make_quick_and_a_long_one_unmakes_it() {
        let mut habit = Habit::NEW;
        let short = Duration::from_micros(100);
        assert!(!habit.after(short).is_quick());
        for _ in 0..40 {
            habit = habit.after(short);
        }
        assert!(habit.is_quick());
        // Once is no habit.
        assert!(habit.after(Duration::from_millis(5)).is_quick());
        assert!(!habit.after(Duration::from_millis(50)).after(short).is_quick());
    }
}
