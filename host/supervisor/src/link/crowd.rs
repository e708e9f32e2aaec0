//! Who waits for room in a link's output.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::task::Waker;

use rustc_hash::FxHashMap;

/// Streams that were left in the order and do not wait any more, before they are taken out.
const GAPS: usize = 64;

/// Streams that wait, each once, in the order in which they came.
#[derive(Default)]
pub(super) struct Crowd {
    order: VecDeque<u32>,
    wakers: FxHashMap<u32, Waker>,
}

impl Crowd {
    /// `stream` waits; if it did already, it keeps its turn.
    pub(super) fn join(&mut self, stream: u32, waker: &Waker) {
        match self.wakers.entry(stream) {
            Entry::Occupied(mut known) => known.get_mut().clone_from(waker),
            Entry::Vacant(new) => {
                new.insert(waker.clone());
                self.order.push_back(stream);
                if self.order.len() > 2 * self.wakers.len() + GAPS {
                    self.order.retain(|stream| self.wakers.contains_key(stream));
                }
            }
        }
    }

    /// `stream` is over.
    pub(super) fn part(&mut self, stream: u32) {
        self.wakers.remove(&stream);
    }

    /// Those whose turn it is: `most` at the most.
    pub(super) fn call(&mut self, most: usize) -> Vec<Waker> {
        // Nothing is allocated for nobody, which is the rule.
        let mut called = Vec::new();
        while called.len() < most
            && let Some(stream) = self.order.pop_front()
        {
            called.extend(self.wakers.remove(&stream));
        }
        called
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn wake(called: Vec<Waker>) {
        called.into_iter().for_each(Waker::wake);
    }

    #[test]
    fn whoever_came_first_is_called_first_and_by_its_last_waker() {
        let (first, second) = (Arc::<Woken>::default(), Arc::<Woken>::default());
        let stale = Arc::<Woken>::default();
        let mut crowd = Crowd::default();
        crowd.join(2, &Arc::clone(&stale).into());
        crowd.join(4, &Arc::clone(&second).into());
        crowd.join(2, &Arc::clone(&first).into());
        wake(crowd.call(1));
        assert_eq!((first.0.load(Ordering::Relaxed), second.0.load(Ordering::Relaxed)), (1, 0));
        wake(crowd.call(usize::MAX));
        assert_eq!((first.0.load(Ordering::Relaxed), second.0.load(Ordering::Relaxed)), (1, 1));
        assert_eq!(stale.0.load(Ordering::Relaxed), 0);
        assert!(crowd.call(usize::MAX).is_empty());
    }

    #[test]
    fn who_has_parted_takes_no_turn_and_leaves_no_gap() {
        let mut crowd = Crowd::default();
        for stream in 0..10_000 {
            crowd.join(stream, Waker::noop());
            crowd.part(stream);
        }
        assert!(crowd.order.len() <= 2 * GAPS, "{}", crowd.order.len());
        let last = Arc::<Woken>::default();
        crowd.join(10_000, &Arc::clone(&last).into());
        wake(crowd.call(1));
        assert_eq!(last.0.load(Ordering::Relaxed), 1);
    }
}
