//! CPU time for what no request is charged for.
//!
//! Code may go on when its request is over: a timer that it has left, a subrequest that nobody waits for. Each such
//! turn may take what a request may, and there may be any number of them, so in the long run all of them
//! together get a small part of one processor. What costs more waits, as timers of pages in the background do in
//! browsers.

use std::time::{Duration, Instant};

/// The part of one processor: one in so many.
const PART: u32 = 20;

/// What is there at most, and what can be owed at most.
const CREDIT: Duration = Duration::from_millis(50);
const DEBT: Duration = Duration::from_secs(1);

/// What is left, which may be less than nothing: a turn is known to be too long at its end.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// When it is, or was, all there again.
    full: Instant,
}

impl Allowance {
    pub(crate) fn new(now: Instant) -> Self {
        Self { full: now }
    }

    /// A turn has taken `cpu`.
    pub(crate) fn spend(&mut self, cpu: Duration, now: Instant) {
        let most = now + (CREDIT + DEBT) * PART;
        self.full = (self.full.max(now) + cpu * PART).min(most);
    }

    /// How long until there is something again; zero if there is.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        self.full.saturating_duration_since(now).saturating_sub(CREDIT * PART)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_long_run_it_is_a_twentieth() {
        let mut now = Instant::now();
        let began = now;
        let mut allowance = Allowance::new(now);
        let turn = Duration::from_millis(3);
        let mut spent = Duration::ZERO;
        while now < began + Duration::from_secs(100) {
            now += allowance.wait(now);
            allowance.spend(turn, now);
            spent += turn;
            now += turn;
        }
        let fair = Duration::from_secs(5);
        assert!(spent > fair && spent < fair + CREDIT + 2 * turn, "{spent:?}");
    }

    #[test]
    fn who_spends_little_never_waits_and_who_spends_much_waits_no_more_than_a_while() {
        let mut now = Instant::now();
        let mut allowance = Allowance::new(now);
        for _ in 0..1000 {
            assert_eq!(allowance.wait(now), Duration::ZERO);
            allowance.spend(Duration::from_millis(4), now);
            now += Duration::from_millis(100);
        }
        allowance.spend(Duration::from_secs(300), now);
        assert_eq!(allowance.wait(now), DEBT * PART);
    }
}
