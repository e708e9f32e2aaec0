//! Streams between this isolate and the host, as far as the platform keeps count of them.
//!
//! This is also the last door before the wall. The host ends a cordon that breaks the protocol, with all
//! that are in it; so whatever the platform's JavaScript has come to under the hands of a tenant, what
//! would be a breach is not sent.

use std::collections::{HashMap, HashSet};

use insula_wire::caps;

/// Which streams are open, and how much may be sent on each.
#[derive(Default)]
pub(crate) struct Exchange {
    /// Requests that are not done.
    requests: HashMap<u32, Progress>,
    /// Subrequests that wait for their response.
    pub(crate) fetching: HashSet<u32>,
    /// Bodies that arrive, with the bytes that have come and for which the host got no credit again.
    arriving: HashMap<u32, u32>,
    /// Bodies that are sent, with the bytes that the host still takes.
    pub(crate) leaving: HashMap<u32, u32>,
    /// Subrequests that are not over, with the request that each belongs to.
    parents: HashMap<u32, u32>,
    /// The number of the last subrequest.
    last_subrequest: u32,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// The host has its answer, or wants none any more.
    answered: bool,
    /// It is a WebSocket that the host has not closed.
    is_socket: bool,
    /// It is done when the host closes its WebSocket.
    done_when_closed: bool,
}

/// What is left to be said before a request can be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is done already, or will be by itself.
    None,
    /// It has no answer.
    Unanswered,
    /// The body of its response is not complete.
    Incomplete,
    /// It is a WebSocket, which the host has to close.
    Socket,
    /// Nothing: these subrequests end with it.
    Done(Vec<u32>),
}

impl Exchange {
    /// A request arrives.
    pub(crate) fn open(&mut self, stream: u32) {
        self.requests.insert(stream, Progress::default());
    }

    /// A request gets its answer. Returns whether it may have one: each has one, once.
    pub(crate) fn answer(&mut self, stream: u32) -> bool {
        let Some(request) = self.requests.get_mut(&stream) else { return false };
        !std::mem::replace(&mut request.answered, true)
    }

    /// The host wants no answer to a request any more, and takes back what it has of it.
    pub(crate) fn abort(&mut self, stream: u32) {
        if let Some(request) = self.requests.get_mut(&stream) {
            *request = Progress { answered: true, ..Progress::default() };
        }
        self.leaving.remove(&stream);
    }

    /// A request comes to its end: forgets it with what belongs to it, if all is said.
    pub(crate) fn finish(&mut self, stream: u32) -> Ending {
        let Some(request) = self.requests.get_mut(&stream) else { return Ending::None };
        if request.is_socket {
            request.done_when_closed = true;
            return Ending::Socket;
        }
        if !std::mem::replace(&mut request.answered, true) {
            return Ending::Unanswered;
        }
        if self.leaving.remove(&stream).is_some() {
            return Ending::Incomplete;
        }
        self.requests.remove(&stream);
        self.forget(stream);
        let mut children = Vec::new();
        if !self.parents.is_empty() {
            children
                .extend(self.parents.iter().filter(|(_, of)| **of == stream).map(|(&sub, _)| sub));
            children.iter().for_each(|&sub| self.forget(sub));
        }
        Ending::Done(children)
    }

    /// The host has closed a WebSocket. Returns whether its request is to be done now.
    pub(crate) fn closed(&mut self, stream: u32) -> bool {
        self.forget(stream);
        let Some(request) = self.requests.get_mut(&stream) else { return false };
        request.is_socket = false;
        request.done_when_closed
    }

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
            self.begin_arriving(subrequest);
        } else if !self.leaving.contains_key(&subrequest) {
            self.parents.remove(&subrequest);
        }
        true
    }

    /// A body will arrive on `stream`.
    pub(crate) fn begin_arriving(&mut self, stream: u32) {
        self.arriving.insert(stream, 0);
    }

    /// Whether somebody waits for what arrives on `stream`.
    pub(crate) fn is_arriving(&self, stream: u32) -> bool {
        self.arriving.contains_key(&stream)
    }

    /// Counts what has come on `stream`.
    pub(crate) fn receive(&mut self, stream: u32, cost: usize) {
        if let Some(received) = self.arriving.get_mut(&stream) {
            *received = received.saturating_add(u32::try_from(cost).unwrap_or(u32::MAX));
        }
    }

    /// How many of `wanted` bytes the host can be granted on `stream`; counts them as granted. The host
    /// never gets more than it has sent.
    pub(crate) fn grant(&mut self, stream: u32, wanted: u32) -> u32 {
        let Some(received) = self.arriving.get_mut(&stream) else { return 0 };
        let granted = wanted.min(*received).min(caps::MAX_CREDIT);
        *received -= granted;
        granted
    }

    /// A body has arrived, or what is left of it is of no use. Returns whether it was arriving.
    pub(crate) fn arrived(&mut self, stream: u32) -> bool {
        if !self.leaving.contains_key(&stream) {
            self.parents.remove(&stream);
        }
        self.arriving.remove(&stream).is_some()
    }

    /// A stream becomes a WebSocket.
    pub(crate) fn open_socket(&mut self, stream: u32) {
        if let Some(request) = self.requests.get_mut(&stream) {
            request.is_socket = true;
        }
        self.begin_arriving(stream);
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
    fn a_request_has_one_answer_and_one_end() {
        let mut exchange = Exchange::default();
        assert!(!exchange.answer(2));
        exchange.open(2);
        assert!(exchange.answer(2));
        assert!(!exchange.answer(2));
        exchange.begin_sending(2);
        assert_eq!(exchange.finish(2), Ending::Incomplete);
        assert_eq!(exchange.finish(2), Ending::Done(Vec::new()));
        assert_eq!(exchange.finish(2), Ending::None);
        exchange.open(4);
        assert_eq!(exchange.finish(4), Ending::Unanswered);
        assert!(!exchange.answer(4));
    }

    #[test]
    fn a_request_takes_what_belongs_to_it_along() {
        let mut exchange = Exchange::default();
        exchange.open(2);
        exchange.begin_arriving(2);
        exchange.new_subrequest(2);
        exchange.new_subrequest(4);
        exchange.new_subrequest(2);
        exchange.begin_sending(5);
        assert!(exchange.answered(5, true));
        assert!(exchange.answer(2));
        let Ending::Done(mut children) = exchange.finish(2) else { panic!("all is said") };
        children.sort_unstable();
        assert_eq!(children, [1, 5]);
        assert!(!exchange.is_idle());
        assert!(exchange.answered(3, false));
        assert!(exchange.is_idle());
    }

    #[test]
    fn a_websocket_is_over_when_the_host_has_closed_it() {
        let mut exchange = Exchange::default();
        exchange.open(2);
        assert!(exchange.answer(2));
        exchange.open_socket(2);
        assert_eq!(exchange.finish(2), Ending::Socket);
        assert!(exchange.closed(2));
        assert_eq!(exchange.finish(2), Ending::Done(Vec::new()));
        exchange.open(4);
        assert!(exchange.answer(4));
        exchange.open_socket(4);
        exchange.abort(4);
        assert_eq!(exchange.finish(4), Ending::Done(Vec::new()));
        assert!(exchange.is_idle());
    }

    #[test]
    fn no_more_is_granted_than_was_received() {
        let mut exchange = Exchange::default();
        assert_eq!(exchange.grant(2, 5), 0);
        exchange.begin_arriving(2);
        exchange.receive(2, 7);
        assert_eq!(exchange.grant(2, 5), 5);
        assert_eq!(exchange.grant(2, u32::MAX), 2);
        assert_eq!(exchange.grant(2, u32::MAX), 0);
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
