//! Connections that wait for their next request.
//!
//! Kept apart by tenant: what one tenant's server leaves on a connection, or that a connection
//! exists at all, is nothing another tenant can observe.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use insula_supervisor::{BodyError, BoxBody, Policy};
use tokio::time::Instant;

use super::origin::Origin;
use super::tally::Tally;

/// How long a connection waits.
const IDLE: Duration = Duration::from_secs(30);

/// Connections of one tenant that wait at one origin.
const IDLE_EACH: usize = 16;

/// Whose connection, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) tenant: Arc<str>,
    /// By which it was judged: under other rules it would not be the same connection.
    pub(crate) policy: Arc<Policy>,
    pub(crate) origin: Origin,
}

/// The near end of a connection.
pub(crate) enum Link {
    /// One request at a time.
    Http1(http1::SendRequest<BoxBody>, Tally),
    /// Many at once.
    Http2(http2::SendRequest<BoxBody>, Tally),
}

impl Link {
    /// Sends a request. If the connection was closed before it took the request, the error gives
    /// the request back.
    pub(crate) async fn send(
        &mut self,
        request: Request<BoxBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<BoxBody>>> {
        self.tally().begin_anew();
        let response = match self {
            Self::Http1(sender, _) => sender.try_send_request(request).await,
            Self::Http2(sender, _) => sender.try_send_request(request).await,
        };
        if response.is_ok() {
            self.tally().begin_anew();
        }
        response
    }

    /// What has come on the connection for nothing.
    pub(crate) fn tally(&self) -> &Tally {
        match self {
            Self::Http1(_, tally) | Self::Http2(_, tally) => tally,
        }
    }

    fn is_closed(&self) -> bool {
        match self {
            Self::Http1(sender, _) => sender.is_closed(),
            Self::Http2(sender, _) => sender.is_closed(),
        }
    }
}

/// The connections that wait. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Mutex<Shelf>>);

struct Shelf {
    waiting: HashMap<Key, Vec<Waiting>>,
    /// How many connections may wait, and do for each tenant that has any.
    room: usize,
    each: HashMap<Arc<str>, usize>,
    has_sweeper: bool,
}

struct Waiting {
    link: Link,
    since: Instant,
}

impl Pool {
    /// Room for so many connections.
    pub(crate) fn new(room: usize) -> Self {
        let (waiting, each) = Default::default();
        Self(Arc::new(Mutex::new(Shelf { waiting, room, each, has_sweeper: false })))
    }

    /// A connection that can take a request now.
    pub(crate) fn take(&self, key: &Key) -> Option<Link> {
        let shelf = &mut *self.lock();
        let waiting = shelf.waiting.get_mut(key)?;
        let before = waiting.len();
        waiting.retain(Waiting::is_fresh);
        let link = pick(waiting);
        let gone = before - waiting.len();
        if waiting.is_empty() {
            shelf.waiting.remove(key);
        }
        shelf.lose(&key.tenant, gone);
        link
    }

    /// Takes a connection back, or drops it if there are enough.
    pub(crate) fn give(&self, key: &Key, link: Link) {
        let shelf = &mut *self.lock();
        let has = shelf.each.get(&key.tenant).copied().unwrap_or_default();
        if link.is_closed() {
            return;
        }
        let full = shelf.waiting.get(key).is_some_and(|waiting| waiting.len() >= IDLE_EACH);
        if full || !shelf.make_room(has) {
            return;
        }
        let waiting = shelf.waiting.entry(key.clone()).or_default();
        waiting.push(Waiting { link, since: Instant::now() });
        shelf.room -= 1;
        shelf.each.insert(Arc::clone(&key.tenant), has + 1);
        if !std::mem::replace(&mut shelf.has_sweeper, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.0)
    }
}

impl Shelf {
    /// Whether a tenant that has so many connections here may have one more. If there is no room, who has most of it
    /// gives some: nobody can take it from others.
    fn make_room(&mut self, has: usize) -> bool {
        if self.room > 0 {
            return true;
        }
        let most = self.each.iter().max_by_key(|(_, most)| **most);
        let Some((tenant, _)) = most.filter(|(_, most)| **most > has + 1) else { return false };
        let tenant = Arc::clone(tenant);
        let Some(key) = self.waiting.keys().find(|key| key.tenant == tenant).cloned() else {
            return false;
        };
        if let Some(waiting) = self.waiting.get_mut(&key) {
            // The oldest: its server closes it first.
            waiting.remove(0);
            if waiting.is_empty() {
                self.waiting.remove(&key);
            }
        }
        self.lose(&tenant, 1);
        true
    }

    /// So many connections of `tenant` do not wait any more.
    fn lose(&mut self, tenant: &Arc<str>, gone: usize) {
        self.room += gone;
        if let Some(has) = self.each.get_mut(tenant) {
            *has -= gone;
            if *has == 0 {
                self.each.remove(tenant);
            }
        }
    }
}

fn pick(waiting: &mut Vec<Waiting>) -> Option<Link> {
    for place in (0..waiting.len()).rev() {
        match &mut waiting[place] {
            Waiting { link: Link::Http2(sender, tally), since } => {
                *since = Instant::now();
                return Some(Link::Http2(sender.clone(), tally.clone()));
            }
            Waiting { link: Link::Http1(sender, _), .. } if sender.is_ready() => {
                return Some(waiting.swap_remove(place).link);
            }
            // Its last request is still being sent, though the response is complete.
            Waiting { .. } => {}
        }
    }
    None
}

impl Waiting {
    fn is_fresh(&self) -> bool {
        !self.link.is_closed() && self.since.elapsed() < IDLE
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Drops what has waited too long, until nothing waits.
async fn sweep(shelf: Weak<Mutex<Shelf>>) {
    loop {
        tokio::time::sleep(IDLE / 2).await;
        let Some(shelf) = shelf.upgrade() else { return };
        let shelf = &mut *lock(&shelf);
        let mut gone = Vec::new();
        shelf.waiting.retain(|key, waiting| {
            let before = waiting.len();
            waiting.retain(Waiting::is_fresh);
            gone.push((Arc::clone(&key.tenant), before - waiting.len()));
            !waiting.is_empty()
        });
        gone.iter().for_each(|(tenant, gone)| shelf.lose(tenant, *gone));
        if shelf.waiting.is_empty() {
            shelf.has_sweeper = false;
            return;
        }
    }
}

/// A response's body that gives its connection back when it has been read to the end. Dropped
/// earlier, it closes the exchange.
pub(crate) struct LeasedBody {
    incoming: Incoming,
    lease: Option<(Pool, Key, Link)>,
}

impl LeasedBody {
    pub(crate) fn new(incoming: Incoming, pool: Pool, key: Key, link: Link) -> Self {
        let mut body = Self { incoming, lease: Some((pool, key, link)) };
        if body.incoming.is_end_stream() {
            body.release();
        }
        body
    }

    fn release(&mut self) {
        match self.lease.take() {
            // An HTTP/2 connection has been in the pool since it was opened.
            Some((_, _, Link::Http2(..))) | None => {}
            Some((pool, key, link)) => pool.give(&key, link),
        }
    }
}

impl Body for LeasedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let data = match ready!(Pin::new(&mut self.incoming).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Some((_, _, link)) = &self.lease {
                        link.tally().begin_anew();
                    }
                    frame.into_data()
                }
                Some(Err(_)) => {
                    self.lease = None;
                    let why = "the connection to the server was lost".to_owned();
                    return Poll::Ready(Some(Err(BodyError::Broken(why))));
                }
                None => {
                    self.release();
                    return Poll::Ready(None);
                }
            };
            // A reader that trusts `is_end_stream` does not ask again.
            if self.incoming.is_end_stream() {
                self.release();
            }
            // Trailers have no place in Fetch.
            if let Ok(data) = data {
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
