//! How much of one thing an account has.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters only count: nothing else is ordered by them.
#[derive(Debug)]
pub(crate) struct Meter {
    used: AtomicU64,
    limit: AtomicU64,
    /// Beyond this, whoever is charged is told to collect.
    alarm: AtomicU64,
}

impl Meter {
    pub(crate) const fn new() -> Self {
        Self {
            used: AtomicU64::new(0),
            limit: AtomicU64::new(u64::MAX),
            alarm: AtomicU64::new(u64::MAX),
        }
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    pub(crate) fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
        self.alarm.store(limit - limit / 4, Ordering::Relaxed);
    }

    /// Counts more. Returns how much it was before.
    pub(crate) fn add(&self, amount: u64) -> u64 {
        self.used.fetch_add(amount, Ordering::Relaxed)
    }

    /// Counts less. Returns how much it was before.
    pub(crate) fn take(&self, amount: u64) -> u64 {
        // The last charge may be taken back just as the account is closed and opened again.
        let less = |used: u64| Some(used.saturating_sub(amount));
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less) {
            Ok(before) | Err(before) => before,
        }
    }

    /// Counts nothing. Returns how much it was.
    pub(crate) fn empty(&self) -> u64 {
        self.used.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn is_alarmed(&self) -> bool {
        self.used() > self.alarm.load(Ordering::Relaxed)
    }

    /// Puts the next alarm an eighth of the limit away.
    pub(crate) fn rearm(&self) {
        let limit = self.limit();
        let next = self.used().saturating_add(limit / 8);
        self.alarm.store(next.clamp(limit - limit / 4, limit - limit / 16), Ordering::Relaxed);
    }

    /// Whether less than a sixteenth is left.
    pub(crate) fn is_exhausted(&self) -> bool {
        let limit = self.limit();
        self.used() > limit - limit / 16
    }
}
