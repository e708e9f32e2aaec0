//! Bodies between a link and their readers and writers.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::future::poll_fn;

use crate::link::{Link, Read};
use crate::{BodyError, BoxBody, RequestError};

/// A body that an isolate sends, read at the reader's pace. Dropping it before its end tells the
/// isolate that nobody wants the rest.
pub(crate) struct IncomingBody {
    link: Arc<Link>,
    stream: u32,
    /// Bytes that are still to come, when the isolate announced how many.
    left: Option<u64>,
    over: bool,
}

impl IncomingBody {
    pub(crate) fn new(link: Arc<Link>, stream: u32, length: Option<u64>) -> Self {
        Self { link, stream, left: length, over: false }
    }

    fn finish(&mut self, complete: bool) {
        if !std::mem::replace(&mut self.over, true) {
            self.link.finish_reading(self.stream, complete);
        }
    }

    fn broken(&mut self, why: impl Into<String>) -> BodyError {
        self.finish(false);
        BodyError::Broken(why.into())
    }

    /// Holds the body to its announced length.
    fn count(&mut self, bytes: Bytes) -> Result<Frame<Bytes>, BodyError> {
        if let Some(left) = self.left {
            match left.checked_sub(bytes.len() as u64) {
                Some(left) => self.left = Some(left),
                None => return Err(self.broken("it is longer than announced")),
            }
        }
        Ok(Frame::data(bytes))
    }
}

impl Body for IncomingBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.over {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.link.poll_read(self.stream, cx)) {
            Read::Data(bytes, _) => Some(self.count(bytes)),
            Read::Broken(why) => Some(Err(self.broken(why))),
            Read::End if self.left.is_some_and(|left| left > 0) => {
                Some(Err(self.broken("it is shorter than announced")))
            }
            Read::End => {
                self.finish(true);
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.over
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for IncomingBody {
    fn drop(&mut self) {
        self.finish(false);
    }
}

/// Sends a request's body at the isolate's pace, until it ends or nobody wants the rest.
pub(crate) async fn send_request_body(link: Arc<Link>, stream: u32, body: BoxBody) {
    match pump(&link, stream, body).await {
        Ok(()) => {}
        Err(BodyError::TooLarge { limit }) => {
            link.end_body(stream, Err("the body is too large"));
            link.refuse(stream, RequestError::BodyTooLarge(limit));
        }
        Err(error) => link.end_body(stream, Err(&error.to_string())),
    }
}

/// Sends the body of a subrequest's response.
pub(crate) async fn send_response_body(link: &Arc<Link>, stream: u32, body: BoxBody) {
    if let Err(error) = pump(link, stream, body).await {
        link.end_body(stream, Err(&error.to_string()));
    }
}

/// Sends `body` and its end; returns early, in silence, when nobody wants the rest.
async fn pump(link: &Arc<Link>, stream: u32, body: BoxBody) -> Result<(), BodyError> {
    let mut body = pin!(body);
    let mut held = Bytes::new();
    loop {
        let next = poll_fn(|cx| {
            let Some(credit) = link.credit(stream, cx) else { return Poll::Ready(None) };
            if held.is_empty() {
                // At most one piece is held; the end needs no credit to be noticed.
                match ready!(body.as_mut().poll_frame(cx)) {
                    None => return Poll::Ready(Some(Ok(None))),
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Some(Ok(frame)) => held = frame.into_data().unwrap_or_default(),
                }
            }
            if credit == 0 && !held.is_empty() {
                return Poll::Pending;
            }
            let room = match held.is_empty() {
                true => 0,
                false => ready!(link.poll_link_room(stream, cx)),
            };
            let length = held.len().min(credit as usize).min(room);
            Poll::Ready(Some(Ok(Some(held.split_to(length)))))
        });
        match next.await {
            None => return Ok(()),
            Some(bytes) => match bytes? {
                Some(bytes) => link.send_bytes(stream, &bytes),
                None => {
                    link.end_body(stream, Ok(()));
                    return Ok(());
                }
            },
        }
    }
}
