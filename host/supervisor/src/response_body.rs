use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::BodyError;

/// The body of a tenant's response.
#[derive(Debug, Default)]
pub struct ResponseBody {
    full: Option<Bytes>,
}

impl ResponseBody {
    /// A body that is here, whole.
    pub fn full(bytes: Bytes) -> Self {
        Self { full: Some(bytes) }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Poll::Ready(self.full.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.full.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.full.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
