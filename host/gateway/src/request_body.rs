use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use insula_supervisor::{BodyError, RequestBody};
use insula_wire::caps;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::deadline::Timer;
use crate::error::GatewayError;

/// How a request's body will be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyPlan {
    /// There is none.
    None,
    /// Whole, before the hand-over: it fits into the head frame. Its length in bytes.
    Inline(usize),
    /// Piece by piece, at the isolate's pace. Its length in bytes, if announced.
    Stream(Option<u64>),
}

impl BodyPlan {
    /// Decides by what the head announces, against the tenant's `limit` in bytes.
    pub(crate) fn new(body: &Incoming, limit: u64) -> Result<Self, GatewayError> {
        if body.is_end_stream() {
            return Ok(Self::None);
        }
        let Some(length) = body.size_hint().exact() else { return Ok(Self::Stream(None)) };
        if length > limit {
            return Err(GatewayError::BodyTooLarge(limit));
        }
        Ok(match usize::try_from(length) {
            Ok(length) if length <= caps::INLINE_BODY => Self::Inline(length),
            _ => Self::Stream(Some(length)),
        })
    }

    /// Bytes of it that wait here until an isolate has it.
    pub(crate) fn held(self) -> usize {
        match self {
            Self::None | Self::Stream(_) => 0,
            Self::Inline(length) => length,
        }
    }

    /// Takes the body. `limits` bound what is streamed; `fate` is told when it exceeds them or
    /// breaks off.
    pub(crate) async fn take(
        self,
        body: Incoming,
        limits: StreamLimits,
        fate: &BodyFate,
    ) -> Result<RequestBody, GatewayError> {
        Ok(match self {
            Self::None => RequestBody::None,
            Self::Inline(length) => RequestBody::Full(read_whole(body, length).await?),
            Self::Stream(length) => RequestBody::Stream {
                body: StreamedBody::new(body, limits, fate.clone()).boxed_unsync(),
                length,
            },
        })
    }
}

/// Reads `length` bytes. The protocol below ends the body there.
async fn read_whole(mut body: Incoming, length: usize) -> Result<Bytes, GatewayError> {
    let broken = |_| GatewayError::BadRequest("the body broke off");
    let mut gathered = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if gathered.is_empty() && data.len() == length {
            // The usual case: it came in one piece, and needs no copy.
            return Ok(data);
        }
        if gathered.len() + data.len() > length {
            return Err(GatewayError::BadRequest("the body is longer than announced"));
        }
        gathered.reserve(length - gathered.len());
        gathered.extend_from_slice(&data);
    }
    Ok(gathered.freeze())
}

/// How a streamed body ended; shared with the one who answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct BodyFate(Option<Arc<End>>);

#[derive(Debug, Default)]
struct End {
    /// All of it was read.
    complete: AtomicBool,
    /// The body went beyond its limit.
    overrun: AtomicBool,
    /// The client went away before its end.
    abandoned: Notify,
}

impl BodyFate {
    /// One that a body of this plan may set. Only streams need the allocation.
    pub(crate) fn of(plan: BodyPlan) -> Self {
        Self(matches!(plan, BodyPlan::Stream(_)).then(Arc::default))
    }

    pub(crate) fn is_overrun(&self) -> bool {
        self.0.as_ref().is_some_and(|fate| fate.overrun.load(Relaxed))
    }

    /// Whether nothing of the body is still to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.as_ref().is_some_and(|fate| fate.complete.load(Relaxed))
    }

    /// Completes when the client has gone away before the end of the body.
    pub(crate) async fn client_left(&self) {
        match &self.0 {
            Some(fate) => fate.abandoned.notified().await,
            None => std::future::pending().await,
        }
    }

    fn complete(&self) {
        if let Some(fate) = &self.0 {
            fate.complete.store(true, Relaxed);
        }
    }

    fn overrun(&self) {
        if let Some(fate) = &self.0 {
            fate.overrun.store(true, Relaxed);
        }
    }

    fn abandon(&self) {
        if let Some(fate) = &self.0 {
            fate.abandoned.notify_one();
        }
    }
}

/// What bounds a streamed body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamLimits {
    /// Bytes in all.
    pub(crate) bytes: u64,
    /// How long the client may send nothing while somebody waits for more.
    pub(crate) stall: Duration,
}

/// A client's body on its way to the isolate.
struct StreamedBody {
    incoming: Incoming,
    limits: StreamLimits,
    left: u64,
    fate: BodyFate,
    timer: Timer,
    stalled_at: Option<Instant>,
    over: bool,
}

impl StreamedBody {
    fn new(incoming: Incoming, limits: StreamLimits, fate: BodyFate) -> Self {
        let timer = Timer::default();
        let left = limits.bytes;
        Self { incoming, limits, left, fate, timer, stalled_at: None, over: false }
    }

    /// The next piece, counted; trailers are left out, nothing behind the wall could see them.
    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            let frame = match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(frame) => frame,
                Poll::Pending => return self.poll_stall(cx),
            };
            self.stalled_at = None;
            let data = match frame {
                None => {
                    self.fate.complete();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    if !error.is_timeout() && !error.is_parse() {
                        self.fate.abandon();
                    }
                    return Poll::Ready(Some(Err(broken(&error))));
                }
                Some(Ok(frame)) => frame.into_data(),
            };
            if let Ok(data) = data {
                return Poll::Ready(Some(self.count(data)));
            }
        }
    }

    fn count(&mut self, data: Bytes) -> Result<Bytes, BodyError> {
        match self.left.checked_sub(data.len() as u64) {
            Some(left) => {
                self.left = left;
                Ok(data)
            }
            None => {
                self.fate.overrun();
                Err(BodyError::TooLarge { limit: self.limits.bytes })
            }
        }
    }

    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let end = *self.stalled_at.get_or_insert_with(|| Instant::now() + self.limits.stall);
        ready!(self.timer.poll_until(end, cx));
        let why = "the client sent nothing for too long";
        Poll::Ready(Some(Err(BodyError::Broken(why.to_owned()))))
    }
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let data = ready!(self.poll_data(cx));
        self.over = !matches!(data, Some(Ok(_)));
        Poll::Ready(data.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

fn broken(error: &hyper::Error) -> BodyError {
    let why = if error.is_timeout() {
        "the client was too slow"
    } else if error.is_parse() {
        "the client sent a malformed body"
    } else {
        "the client went away"
    };
    BodyError::Broken(why.to_owned())
}

#[cfg(test)]
mod tests;
