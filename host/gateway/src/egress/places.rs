//! How many subrequests of one tenant are open, and how long their responses may be.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use insula_supervisor::{BodyError, BoxBody};

/// Open subrequests by tenant; tenants without one are not in it.
type Open = HashMap<Arc<str>, u32>;

/// Counts each tenant's open subrequests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    open: Arc<Mutex<Open>>,
}

/// One open subrequest. Dropping it ends the count.
pub(crate) struct Place {
    tenant: Arc<str>,
    places: Places,
}

impl Places {
    /// A place for a subrequest of `tenant`, if fewer than `limit` are taken.
    pub(crate) fn take(&self, tenant: &Arc<str>, limit: u32) -> Option<Place> {
        let mut open = self.lock();
        let count = open.entry(Arc::clone(tenant)).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Place { tenant: Arc::clone(tenant), places: self.clone() })
    }

    // A panic elsewhere cannot leave the count unusable, so poisoning is of no interest.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.lock();
        if let Some(count) = open.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.tenant);
            }
        }
    }
}

/// A response's body as the tenant gets it: decoded, up to its limit, in its place.
pub(crate) struct HeldBody {
    body: BoxBody,
    left: u64,
    limit: u64,
    /// Free as soon as the body is over, whether or not somebody still holds it.
    place: Option<Place>,
}

impl HeldBody {
    pub(crate) fn new(body: BoxBody, limit: u64, place: Place) -> Self {
        let place = (!body.is_end_stream()).then_some(place);
        Self { body, left: limit, limit, place }
    }
}

impl Body for HeldBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.place.is_none() {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let length = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
        let length = length.map_or(0, |data| data.len() as u64);
        let frame = match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                frame
            }
            None => Some(Err(BodyError::TooLarge { limit: self.limit })),
        };
        if !matches!(frame, Some(Ok(_))) {
            self.place = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.place.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
