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

/// Connections that wait, in all and for one tenant at one origin.
const IDLE_TOTAL: usize = 1024;
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
#[derive(Clone, Default)]
pub(crate) struct Pool(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    waiting: HashMap<Key, Vec<Waiting>>,
    total: usize,
    has_sweeper: bool,
}

struct Waiting {
    link: Link,
    since: Instant,
}

impl Pool {
    /// A connection that can take a request now.
    pub(crate) fn take(&self, key: &Key) -> Option<Link> {
        let mut shelf = self.lock();
        let waiting = shelf.waiting.get_mut(key)?;
        let before = waiting.len();
        waiting.retain(Waiting::is_fresh);
        let link = pick(waiting);
        let gone = before - waiting.len();
        if waiting.is_empty() {
            shelf.waiting.remove(key);
        }
        shelf.total -= gone;
        link
    }

    /// Takes a connection back, or drops it if there are enough.
    pub(crate) fn give(&self, key: &Key, link: Link) {
        let mut shelf = self.lock();
        if link.is_closed() || shelf.total >= IDLE_TOTAL {
            return;
        }
        let waiting = shelf.waiting.entry(key.clone()).or_default();
        if waiting.len() >= IDLE_EACH {
            return;
        }
        waiting.push(Waiting { link, since: Instant::now() });
        shelf.total += 1;
        if !std::mem::replace(&mut shelf.has_sweeper, true) {
            tokio::spawn(sweep(Arc::downgrade(&self.0)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.0)
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
        let mut shelf = lock(&shelf);
        shelf.waiting.retain(|_, waiting| {
            waiting.retain(Waiting::is_fresh);
            !waiting.is_empty()
        });
        shelf.total = shelf.waiting.values().map(Vec::len).sum();
        if shelf.total == 0 {
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
