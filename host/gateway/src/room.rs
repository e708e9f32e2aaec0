//! What the host holds for its clients: heads and bodies that have come and that no isolate has yet, and answers that
//! wait to be read.
//!
//! No tenant's limit counts it, and a connection can have a hundred of each.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// Bytes that may be held for a connection whatever is held for others: a head with a small body, or a piece of an
/// answer.
const EACH: usize = 256 << 10;

/// What is held for all connections.
#[derive(Debug)]
pub(crate) struct House {
    /// Bytes that may be held before each connection has to do with its part.
    bytes: usize,
    held: AtomicUsize,
    rooms: AtomicUsize,
}

/// What is held for one connection.
#[derive(Debug)]
pub(crate) struct Room {
    house: Arc<House>,
    held: AtomicUsize,
}

impl House {
    pub(crate) fn new(bytes: usize) -> Self {
        let (held, rooms) = Default::default();
        Self { bytes, held, rooms }
    }

    /// For one more connection.
    pub(crate) fn room(self: Arc<Self>) -> Room {
        self.rooms.fetch_add(1, Relaxed);
        Room { house: self, held: AtomicUsize::new(0) }
    }
}

impl Room {
    /// Counts `bytes`. Returns whether they may be held: if not, there is too much of all connections, and more than
    /// its part of this one. They are counted until they are given back, in any case.
    pub(crate) fn hold(&self, bytes: usize) -> bool {
        let own = self.held.fetch_add(bytes, Relaxed) + bytes;
        let all = self.house.held.fetch_add(bytes, Relaxed) + bytes;
        all <= self.house.bytes || own <= self.part(all)
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Relaxed);
        self.house.held.fetch_sub(bytes, Relaxed);
    }

    /// Of as much again, which gets less as it is used up: connections that had their part when there were few keep it.
    fn part(&self, all: usize) -> usize {
        let left = (2 * self.house.bytes).saturating_sub(all);
        (left / self.house.rooms.load(Relaxed).max(1)).max(EACH)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.house.held.fetch_sub(*self.held.get_mut(), Relaxed);
        self.house.rooms.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_much_gets_no_more_when_there_is_too_much() {
        let house = Arc::new(House::new(4 * EACH));
        let [greedy, other] = [(); 2].map(|()| Arc::clone(&house).room());
        assert!(greedy.hold(4 * EACH), "there is room");
        assert!(!greedy.hold(1));
        assert!(other.hold(EACH), "its part");
        assert!(!other.hold(EACH));
        other.give_back(EACH);
        greedy.give_back(3 * EACH);
        assert!(other.hold(EACH), "there is room again");
        drop((greedy, other));
        assert_eq!((house.held.load(Relaxed), house.rooms.load(Relaxed)), (0, 0));
    }
}
