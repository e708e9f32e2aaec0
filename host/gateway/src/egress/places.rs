//! How many subrequests of one tenant are open, and how long their responses may be.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use insula_supervisor::{BodyError, BoxBody, SubrequestError};

/// Places of a tenant for which a part of all is kept; and how many times as many have to be free as it has, to get
/// more.
const FEW: u32 = 4;
const REST: u32 = 8;

/// Counts the open subrequests of each tenant, and of all: each takes a descriptor, and the host has so many.
#[derive(Debug, Clone)]
pub(crate) struct Places(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    free: u32,
    /// Free for tenants that have few.
    first: u32,
    /// By tenant; those without one are not in it.
    open: HashMap<Arc<str>, u32>,
}

/// One open subrequest. Dropping it ends the count.
pub(crate) struct Place {
    tenant: Arc<str>,
    is_first: bool,
    places: Places,
}

impl Places {
    /// As many for all tenants. A quarter of them is for those who have few.
    pub(crate) fn new(all: u32) -> Self {
        let first = all / 4;
        Self(Arc::new(Mutex::new(Inner { free: all - first, first, open: HashMap::new() })))
    }

    /// A place for a subrequest of `tenant`, which may have `limit`.
    ///
    /// # Errors
    ///
    /// [`SubrequestError`], for the tenant's author.
    pub(crate) fn take(&self, tenant: &Arc<str>, limit: u32) -> Result<Place, SubrequestError> {
        let mut inner = self.lock();
        let has = inner.open.get(tenant).copied().unwrap_or_default();
        if has >= limit {
            return Err(SubrequestError::TooManyOpen(limit));
        }
        let is_first = has < FEW && inner.first > 0;
        if is_first {
            inner.first -= 1;
        } else if has < inner.free.div_ceil(REST) {
            inner.free -= 1;
        } else {
            return Err(SubrequestError::TooManyOfAll);
        }
        inner.open.insert(Arc::clone(tenant), has + 1);
        Ok(Place { tenant: Arc::clone(tenant), is_first, places: self.clone() })
    }

    // A panic elsewhere cannot leave the count unusable, so poisoning is of no interest.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.places.lock();
        match self.is_first {
            true => inner.first += 1,
            false => inner.free += 1,
        }
        if let Some(count) = inner.open.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                inner.open.remove(&self.tenant);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_take_all_they_get_leave_a_place_to_the_next() {
        let places = Places::new(2000);
        let tenant = |number: usize| Arc::from(format!("tenant{number}"));
        let mut taken = Vec::new();
        for number in 0..100 {
            while let Ok(place) = places.take(&tenant(number), 256) {
                taken.push(place);
            }
        }
        let first = tenant(0);
        assert!(matches!(places.take(&first, 1000), Err(SubrequestError::TooManyOfAll)));
        assert!(matches!(places.take(&first, 10), Err(SubrequestError::TooManyOpen(10))));
        assert!(places.take(&tenant(999), 256).is_ok(), "somebody new");
        assert!(taken.len() <= 2000);
        drop(taken);
        let inner = places.lock();
        assert_eq!((inner.free, inner.first, inner.open.len()), (1500, 500, 0));
    }

    #[test]
    fn who_is_alone_gets_what_it_may_have() {
        let places = Places::new(4000);
        let tenant = Arc::from("alice");
        let taken: Vec<_> = std::iter::from_fn(|| places.take(&tenant, 256).ok()).collect();
        assert_eq!(taken.len(), 256);
    }
}
