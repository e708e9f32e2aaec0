//! Streams between this isolate and the host, as far as the platform keeps count of them.

use std::collections::{HashMap, HashSet};

use insula_wire::caps;

/// Which streams are open, and how much may be sent on each.
#[derive(Default)]
pub(crate) struct Exchange {
    /// Subrequests that wait for their response.
    pub(crate) fetching: HashSet<u32>,
    /// Bodies that arrive.
    pub(crate) arriving: HashSet<u32>,
    /// Bodies that are sent, with the bytes that the host still takes.
    pub(crate) leaving: HashMap<u32, u32>,
    /// Subrequests that are not over, with the request that each belongs to.
    parents: HashMap<u32, u32>,
    /// The number of the last subrequest.
    last_subrequest: u32,
}

impl Exchange {
    /// A number for a new subrequest of the request `parent`: odd, never used before. `None` when
    /// all are used up.
    pub(crate) fn new_subrequest(&mut self, parent: u32) -> Option<u32> {
        let next = match self.last_subrequest {
            0 => 1,
            last => last.checked_add(2)?,
        };
        self.last_subrequest = next;
        self.parents.insert(next, parent);
        self.fetching.insert(next);
        Some(next)
    }

    /// The request that a subrequest belongs to, 0 when that is over.
    pub(crate) fn parent_of(&self, subrequest: u32) -> u32 {
        self.parents.get(&subrequest).copied().unwrap_or(0)
    }

    /// The response to a subrequest is here. Returns whether anybody waits for it.
    pub(crate) fn answered(&mut self, subrequest: u32, body_follows: bool) -> bool {
        if !self.fetching.remove(&subrequest) {
            return false;
        }
        if body_follows {
            self.arriving.insert(subrequest);
        } else if !self.leaving.contains_key(&subrequest) {
            self.parents.remove(&subrequest);
        }
        true
    }

    /// A body has arrived, or what is left of it is of no use. Returns whether it was arriving.
    pub(crate) fn arrived(&mut self, stream: u32) -> bool {
        if !self.leaving.contains_key(&stream) {
            self.parents.remove(&stream);
        }
        self.arriving.remove(&stream)
    }

    /// A stream becomes a WebSocket.
    pub(crate) fn open_socket(&mut self, stream: u32) {
        self.arriving.insert(stream);
        self.leaving.insert(stream, caps::INITIAL_CREDIT);
    }

    /// What may be sent on `stream` now.
    pub(crate) fn credit(&self, stream: u32) -> u32 {
        self.leaving.get(&stream).copied().unwrap_or(0)
    }

    /// Counts what was sent on `stream`.
    pub(crate) fn spend(&mut self, stream: u32, cost: u32) {
        if let Some(credit) = self.leaving.get_mut(&stream) {
            *credit = credit.saturating_sub(cost);
        }
    }

    /// A body will be sent on `stream`.
    pub(crate) fn begin_sending(&mut self, stream: u32) {
        self.leaving.insert(stream, caps::INITIAL_CREDIT);
    }

    /// How many of `wanted` bytes can be sent on `stream` now; counts them as sent.
    pub(crate) fn take_credit(&mut self, stream: u32, wanted: usize) -> usize {
        let Some(credit) = self.leaving.get_mut(&stream) else { return 0 };
        let taken = wanted.min(*credit as usize).min(caps::CHUNK);
        *credit -= taken as u32;
        taken
    }

    /// The host takes more bytes on `stream`.
    pub(crate) fn add_credit(&mut self, stream: u32, bytes: u32) {
        if let Some(credit) = self.leaving.get_mut(&stream) {
            *credit = credit.saturating_add(bytes);
        }
    }

    /// Forgets a stream.
    pub(crate) fn forget(&mut self, stream: u32) {
        self.fetching.remove(&stream);
        self.arriving.remove(&stream);
        self.leaving.remove(&stream);
        self.parents.remove(&stream);
    }

    /// Whether nothing is expected from the host but new requests.
    pub(crate) fn is_idle(&self) -> bool {
        self.fetching.is_empty()
            && self.arriving.is_empty()
            && self.leaving.values().all(|&credit| credit > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subrequests_have_odd_numbers_once() {
        let mut exchange = Exchange::default();
        assert_eq!(exchange.new_subrequest(2), Some(1));
        assert_eq!(exchange.new_subrequest(2), Some(3));
        assert_eq!(exchange.parent_of(3), 2);
        assert!(exchange.answered(3, false));
        assert!(!exchange.answered(3, false));
        assert_eq!(exchange.parent_of(3), 0);
        exchange.last_subrequest = u32::MAX;
        assert_eq!(exchange.new_subrequest(2), None);
    }

    #[test]
    fn credit_bounds_what_is_sent() {
        let mut exchange = Exchange::default();
        assert_eq!(exchange.take_credit(2, 10), 0);
        exchange.begin_sending(2);
        let mut sent = 0;
        loop {
            match exchange.take_credit(2, usize::MAX) {
                0 => break,
                n => sent += n,
            }
        }
        assert_eq!(sent, caps::INITIAL_CREDIT as usize);
        assert!(!exchange.is_idle());
        exchange.add_credit(2, 5);
        assert!(exchange.is_idle());
        assert_eq!(exchange.take_credit(2, 10), 5);
    }
}
