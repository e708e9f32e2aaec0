use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::body::IncomingBody;
use crate::{BodyError, Socket};

/// The body of a tenant's response.
#[derive(Default)]
pub struct ResponseBody(Source);

#[derive(Default)]
enum Source {
    #[default]
    Empty,
    Full(Bytes),
    Stream(IncomingBody),
    Socket(Socket),
}

impl ResponseBody {
    /// A body that is here, whole.
    pub fn full(bytes: Bytes) -> Self {
        Self(if bytes.is_empty() { Source::Empty } else { Source::Full(bytes) })
    }

    pub(crate) fn socket(socket: Socket) -> Self {
        Self(Source::Socket(socket))
    }

    /// The WebSocket that a response with status 101 opens.
    pub fn into_socket(self) -> Option<Socket> {
        match self.0 {
            Source::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    pub(crate) fn as_socket(&mut self) -> Option<&mut Socket> {
        match &mut self.0 {
            Source::Socket(socket) => Some(socket),
            _ => None,
        }
    }

    pub(crate) fn streamed(body: IncomingBody) -> Self {
        Self(Source::Stream(body))
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Source::Stream(body) = &mut self.0 {
            return Pin::new(body).poll_frame(cx);
        }
        Poll::Ready(match std::mem::take(&mut self.0) {
            Source::Full(bytes) => Some(Ok(Frame::data(bytes))),
            _ => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Empty | Source::Socket(_) => true,
            Source::Full(_) => false,
            Source::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Empty | Source::Socket(_) => SizeHint::with_exact(0),
            Source::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Source::Empty => "ResponseBody(empty)",
            Source::Full(_) => "ResponseBody(full)",
            Source::Stream(_) => "ResponseBody(stream)",
            Source::Socket(_) => "ResponseBody(socket)",
        })
    }
}
