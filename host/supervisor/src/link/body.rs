//! Two directions of body bytes on one stream, each with its credit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use insula_wire::caps;

use super::breach::Breach;
use super::credit::Credit;

/// Bytes of bodies that wait in the host for their readers, of all streams of a link.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicU64>);

impl Held {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn subtract(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A body that the isolate sends.
#[derive(Debug)]
pub(super) struct Inbox {
    /// Received and not yet read; at most the credit, however small the chunks are.
    data: BytesMut,
    /// Has the length of `data` in it.
    held: Held,
    credit: Credit,
    end: Option<Result<(), String>>,
    waker: Option<Waker>,
    /// The reader has gone: what still comes is counted and dropped.
    unread: bool,
}

/// What reading an [`Inbox`] gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Some bytes, and how much credit to grant for it; 0 for none yet.
    Data(Bytes, u32),
    /// The body is complete.
    End,
    /// The body broke off.
    Broken(String),
}

impl Inbox {
    pub(super) fn new(held: &Held) -> Self {
        Self {
            data: BytesMut::new(),
            held: held.clone(),
            credit: Credit::default(),
            end: None,
            waker: None,
            unread: false,
        }
    }

    pub(super) fn chunk(&mut self, bytes: &[u8]) -> Result<Option<Waker>, Breach> {
        if self.end.is_some() {
            return Err(Breach::AfterEnd);
        }
        self.credit.spend(u32::try_from(bytes.len()).map_err(|_| Breach::Credit)?)?;
        if self.unread {
            return Ok(None);
        }
        self.data.extend_from_slice(bytes);
        self.held.add(bytes.len() as u64);
        Ok(self.waker.take())
    }

    pub(super) fn end(&mut self, how: Result<(), String>) -> Result<Option<Waker>, Breach> {
        if self.end.is_some() {
            return Err(Breach::AfterEnd);
        }
        self.end = Some(how);
        Ok(self.waker.take())
    }

    /// Breaks the body off unless it is complete.
    pub(super) fn fail(&mut self, why: &str) -> Option<Waker> {
        if self.end.is_none() {
            self.end = Some(Err(why.to_owned()));
        }
        self.waker.take()
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn abandon(&mut self) {
        self.unread = true;
        self.take();
        self.waker = None;
    }

    pub(super) fn poll_read(&mut self, cx: &Context<'_>) -> Poll<Read> {
        if !self.data.is_empty() {
            let bytes = self.take().freeze();
            // What fits into the credit fits into 32 bits.
            self.credit.consume(bytes.len() as u32);
            let grant = if self.end.is_some() { 0 } else { self.credit.grant() };
            return Poll::Ready(Read::Data(bytes, grant));
        }
        match &self.end {
            Some(Ok(())) => Poll::Ready(Read::End),
            Some(Err(why)) => Poll::Ready(Read::Broken(why.clone())),
            None => {
                self.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn take(&mut self) -> BytesMut {
        self.held.subtract(self.data.len() as u64);
        std::mem::take(&mut self.data)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.take();
    }
}

/// A body that the host sends.
#[derive(Debug)]
pub(super) struct Outbox {
    credit: u32,
    waker: Option<Waker>,
    /// The isolate has no use for the rest.
    cancelled: bool,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { credit: caps::INITIAL_CREDIT, waker: None, cancelled: false }
    }

    pub(super) fn grant(&mut self, bytes: u32) -> Result<Option<Waker>, Breach> {
        let credit = self.credit.checked_add(bytes).filter(|&credit| credit <= caps::MAX_CREDIT);
        self.credit = credit.ok_or(Breach::Credit)?;
        Ok(self.waker.take())
    }

    pub(super) fn cancel(&mut self) -> Option<Waker> {
        self.cancelled = true;
        self.waker.take()
    }

    /// How many bytes may be sent now; `None` when there is no use for any. The task is woken when
    /// either changes.
    pub(super) fn credit(&mut self, cx: &Context<'_>) -> Option<u32> {
        if self.cancelled {
            return None;
        }
        self.waker = Some(cx.waker().clone());
        Some(self.credit)
    }

    pub(super) fn spend(&mut self, bytes: u32) {
        self.credit = self.credit.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn read(inbox: &mut Inbox) -> Poll<Read> {
        inbox.poll_read(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_sender_that_exceeds_its_credit_is_caught() {
        let mut inbox = Inbox::new(&Held::default());
        let chunk = vec![0; caps::CHUNK];
        for _ in 0..caps::INITIAL_CREDIT as usize / caps::CHUNK {
            inbox.chunk(&chunk).expect("within its credit");
        }
        assert!(matches!(inbox.chunk(b"x"), Err(Breach::Credit)));
    }

    #[test]
    fn reading_grants_more() {
        let mut inbox = Inbox::new(&Held::default());
        let bytes = vec![1; caps::INITIAL_CREDIT as usize];
        inbox.chunk(&bytes).expect("within its credit");
        assert!(matches!(read(&mut inbox), Poll::Ready(Read::Data(_, caps::INITIAL_CREDIT))));
        assert!(read(&mut inbox).is_pending());
        inbox.chunk(&bytes).expect("all of it was granted again");
    }

    #[test]
    fn what_is_held_is_counted_until_it_is_read_given_up_or_dropped() {
        let held = Held::default();
        let mut inboxes = [(); 3].map(|()| Inbox::new(&held));
        for inbox in &mut inboxes {
            inbox.chunk(b"12345").expect("within its credit");
        }
        let [mut read_one, mut given_up, dropped] = inboxes;
        assert_eq!(held.bytes(), 15);
        assert!(read(&mut read_one).is_ready());
        assert_eq!(held.bytes(), 10);
        given_up.abandon();
        assert_eq!(held.bytes(), 5);
        given_up.chunk(b"12345").expect("within its credit");
        assert_eq!(held.bytes(), 5);
        drop(dropped);
        assert_eq!(held.bytes(), 0);
    }

    #[test]
    fn nothing_follows_the_end() {
        let mut inbox = Inbox::new(&Held::default());
        inbox.end(Ok(())).expect("the first end");
        assert!(matches!(inbox.chunk(b"x"), Err(Breach::AfterEnd)));
        assert!(matches!(inbox.end(Ok(())), Err(Breach::AfterEnd)));
    }

    #[test]
    fn credit_beyond_the_cap_is_a_breach() {
        let mut outbox = Outbox::new();
        assert!(outbox.grant(caps::MAX_CREDIT).is_err());
        assert!(outbox.grant(caps::MAX_CREDIT - caps::INITIAL_CREDIT).is_ok());
    }
}
