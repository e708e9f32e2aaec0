//! Tenants that break a limit over and over: each new isolate comes later than the one before.

use std::time::{Duration, Instant};

use crate::fleet::pause_after;

/// Breaches in a row that cost nothing: everybody has a bad moment.
const FREE: u32 = 5;

/// A pause that requests wait out; before a longer one they are sent away, and told when to come back.
pub(crate) const BEARABLE: Duration = Duration::from_secs(1);

/// Requests that went well between two breaches, for the second one to count as the first: the
/// application works, and one of its paths does not.
const REDEEMED: u64 = 50;

/// After so long without a breach the next one is the first.
const MEMORY: Duration = Duration::from_secs(60);

/// A deployment's breaches.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    /// In a row, and when the last one was.
    breaches: Option<(u32, Instant)>,
    /// Requests that had gone well by then.
    succeeded: u64,
}

impl Backoff {
    /// An isolate has ended for what its code did, when `succeeded` requests had gone well in all.
    pub(crate) fn note(&mut self, succeeded: u64) {
        let now = Instant::now();
        let count = match self.breaches {
            Some((count, last))
                if now.duration_since(last) < MEMORY && succeeded < self.succeeded + REDEEMED =>
            {
                count.saturating_add(1)
            }
            _ => 1,
        };
        self.breaches = Some((count, now));
        self.succeeded = succeeded;
    }

    /// How long the next isolate has to wait.
    pub(crate) fn pause(&self) -> Duration {
        let Some((count, last)) = self.breaches else { return Duration::ZERO };
        pause_after(count.saturating_sub(FREE)).saturating_sub(last.elapsed())
    }

    /// The pause that the last breach has brought, if it is longer than one can wait.
    pub(crate) fn sentence(&self) -> Option<Duration> {
        let (count, _) = self.breaches?;
        Some(pause_after(count.saturating_sub(FREE))).filter(|pause| *pause > BEARABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(breaches: u32) -> Backoff {
        let mut backoff = Backoff::default();
        (0..breaches).for_each(|_| backoff.note(0));
        backoff
    }

    #[test]
    fn the_first_breaches_cost_nothing() {
        assert_eq!(after(FREE).pause(), Duration::ZERO);
        assert!(after(FREE + 1).pause() > Duration::ZERO);
    }

    #[test]
    fn pauses_grow_until_requests_are_sent_away() {
        let sentences: Vec<_> = (FREE..FREE + 8).map(|n| after(n).sentence()).collect();
        assert_eq!(sentences[4], None);
        assert!(sentences[5..].iter().all(Option::is_some));
        assert!(sentences[6] > sentences[5]);
    }

    #[test]
    fn success_redeems() {
        let mut backoff = after(FREE + 8);
        backoff.note(REDEEMED);
        assert_eq!(backoff.pause(), Duration::ZERO);
        backoff.note(REDEEMED + REDEEMED - 1);
        assert_eq!(backoff.breaches.map(|(count, _)| count), Some(2));
    }
}
