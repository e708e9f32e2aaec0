//! Timers of the tenant's code.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

/// Timers that are set, by the moment they are due.
#[derive(Default)]
pub(crate) struct Timers {
    queue: BinaryHeap<Reverse<(Instant, u64)>>,
    /// Id → the entry of the queue that counts, and the request that set the timer. Entries that
    /// nobody points to are cancelled ones.
    active: HashMap<u32, (u64, u32)>,
    by_entry: HashMap<u64, u32>,
    entries: u64,
}

impl Timers {
    /// Sets timer `id`, or sets it anew.
    pub(crate) fn start(&mut self, id: u32, delay: Duration, stream: u32, now: Instant) {
        self.cancel(id);
        // Beyond any clock: a year is as good as what was asked for.
        let delay = delay.min(Duration::from_secs(365 * 24 * 3600));
        self.entries += 1;
        self.queue.push(Reverse((now + delay, self.entries)));
        self.active.insert(id, (self.entries, stream));
        self.by_entry.insert(self.entries, id);
    }

    /// Forgets timer `id`.
    pub(crate) fn cancel(&mut self, id: u32) {
        if let Some((entry, _)) = self.active.remove(&id) {
            self.by_entry.remove(&entry);
        }
        self.drop_cancelled();
    }

    /// How long until the next timer is due, `None` when there is none.
    pub(crate) fn next(&self, now: Instant) -> Option<Duration> {
        self.queue.peek().map(|Reverse((due, _))| due.saturating_duration_since(now))
    }

    /// Takes a timer that is due: its id and the request that set it.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<(u32, u32)> {
        let Reverse((due, entry)) = *self.queue.peek()?;
        if due > now {
            return None;
        }
        self.queue.pop();
        let id = self.by_entry.remove(&entry)?;
        let (_, stream) = self.active.remove(&id)?;
        self.drop_cancelled();
        Some((id, stream))
    }

    /// Whether no timer is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// Keeps the head of the queue a timer that counts, and the queue from growing with
    /// cancelled ones.
    fn drop_cancelled(&mut self) {
        while let Some(Reverse((_, entry))) = self.queue.peek() {
            if self.by_entry.contains_key(entry) {
                break;
            }
            self.queue.pop();
        }
        if self.queue.len() > 64 && self.queue.len() > 4 * self.active.len() {
            let by_entry = &self.by_entry;
            self.queue.retain(|Reverse((_, entry))| by_entry.contains_key(entry));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_order_and_once() {
        let now = Instant::now();
        let mut timers = Timers::default();
        timers.start(1, Duration::from_millis(20), 2, now);
        timers.start(2, Duration::from_millis(10), 4, now);
        timers.start(3, Duration::from_millis(15), 6, now);
        timers.cancel(3);
        assert_eq!(timers.take_due(now), None);
        assert_eq!(timers.next(now), Some(Duration::from_millis(10)));
        let later = now + Duration::from_millis(30);
        assert_eq!(timers.take_due(later), Some((2, 4)));
        assert_eq!(timers.take_due(later), Some((1, 2)));
        assert_eq!(timers.take_due(later), None);
        assert!(timers.is_empty());
    }

    #[test]
    fn cancelled_timers_do_not_pile_up() {
        let now = Instant::now();
        let mut timers = Timers::default();
        timers.start(0, Duration::from_millis(1), 0, now);
        for id in 1..10_000 {
            timers.start(id, Duration::from_secs(60), 0, now);
            timers.cancel(id);
        }
        assert!(timers.queue.len() < 200, "{}", timers.queue.len());
    }
}
