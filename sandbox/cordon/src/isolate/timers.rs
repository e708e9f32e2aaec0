//! Timers of the tenant's code.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
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
    /// Entries that are due and wait for CPU time, since the request that set them is over.
    held: VecDeque<u64>,
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

    /// How long until the next timer can fire, `None` when there is none; one that no request is charged for
    /// after `wait` at the earliest.
    pub(crate) fn next(&self, now: Instant, wait: Duration) -> Option<Duration> {
        let due = self.queue.peek().map(|Reverse((due, _))| due.saturating_duration_since(now));
        let held = (!self.held.is_empty()).then_some(wait);
        due.into_iter().chain(held).min()
    }

    /// Takes a timer that is due: its id and the request that set it, if that `is_open`; else 0, and only
    /// when it `may_be_late`: there is CPU time for what no request is charged for.
    pub(crate) fn take_due(
        &mut self,
        now: Instant,
        may_be_late: bool,
        is_open: impl Fn(u32) -> bool,
    ) -> Option<(u32, u32)> {
        while may_be_late && let Some(entry) = self.held.pop_front() {
            if let Some(id) = self.by_entry.remove(&entry) {
                self.active.remove(&id);
                return Some((id, 0));
            }
        }
        while let Some(&Reverse((due, entry))) = self.queue.peek() {
            if due > now {
                return None;
            }
            self.queue.pop();
            let Some(&id) = self.by_entry.get(&entry) else { continue };
            let set_by = self.active.get(&id).map_or(0, |(_, stream)| *stream);
            let stream = if is_open(set_by) { set_by } else { 0 };
            if stream == 0 && !may_be_late {
                self.held.push_back(entry);
                continue;
            }
            self.by_entry.remove(&entry);
            self.active.remove(&id);
            self.drop_cancelled();
            return Some((id, stream));
        }
        None
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
        if self.held.len() > 64 && self.held.len() > 4 * self.active.len() {
            let by_entry = &self.by_entry;
            self.held.retain(|entry| by_entry.contains_key(entry));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn timers_fire_in_order_and_once() {
        let now = Instant::now();
        let mut timers = Timers::default();
        timers.start(1, Duration::from_millis(20), 2, now);
        timers.start(2, Duration::from_millis(10), 4, now);
        timers.start(3, Duration::from_millis(15), 6, now);
        timers.cancel(3);
        assert_eq!(timers.take_due(now, true, |_| true), None);
        assert_eq!(timers.next(now, AT_ONCE), Some(Duration::from_millis(10)));
        let later = now + Duration::from_millis(30);
        assert_eq!(timers.take_due(later, true, |_| true), Some((2, 4)));
        assert_eq!(timers.take_due(later, true, |_| true), Some((1, 2)));
        assert_eq!(timers.take_due(later, true, |_| true), None);
        assert!(timers.is_empty());
    }

    #[test]
    fn timers_of_requests_that_are_over_wait_for_cpu_time_and_hold_up_nobody() {
        let now = Instant::now();
        let mut timers = Timers::default();
        for id in 1..=4 {
            timers.start(id, Duration::from_millis(id.into()), id % 2 * 2, now);
        }
        let later = now + Duration::from_millis(30);
        let is_open = |stream| stream == 2;
        assert_eq!(timers.take_due(later, false, is_open), Some((1, 2)));
        assert_eq!(timers.take_due(later, false, is_open), Some((3, 2)));
        assert_eq!(timers.take_due(later, false, is_open), None);
        let wait = Duration::from_secs(1);
        assert_eq!(timers.next(later, wait), Some(wait));
        assert!(!timers.is_empty());
        timers.cancel(2);
        assert_eq!(timers.take_due(later, true, is_open), Some((4, 0)));
        assert_eq!(timers.take_due(later, true, is_open), None);
        assert_eq!(timers.next(later, wait), None);
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
        for id in 1..10_000 {
            timers.start(id, AT_ONCE, 0, now);
            assert_eq!(timers.take_due(now, false, |_| false), None);
            timers.cancel(id);
        }
        assert!(timers.held.len() < 200, "{}", timers.held.len());
    }
}
