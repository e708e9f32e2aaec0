use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use insula_supervisor::{BodyError, ResponseBody};

use crate::headers::{INSULA_ERROR, strip_hop_by_hop};

/// Makes a tenant's response fit for the client: only fields that are the tenant's to set, a length
/// that is true, and no body where HTTP has none. `held` lives as long
/// as the body and hears how it is read.
pub(crate) fn reply<H: Reader>(
    response: Response<ResponseBody>,
    method: &Method,
    limit: u64,
    held: H,
) -> Response<ReplyBody<H>> {
    let (mut head, body) = response.into_parts();
    clean(&mut head.headers);
    let length = body.size_hint().exact();
    if has_no_content(head.status) {
        head.headers.remove(CONTENT_LENGTH);
        return Response::from_parts(head, ReplyBody::empty());
    }
    if *method == Method::HEAD {
        keep_true_length(&mut head.headers);
        if let Some(length) = length.filter(|&length| length > 0) {
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        return Response::from_parts(head, ReplyBody::empty());
    }
    if length.is_some() {
        // Framing follows the body that is there, never the tenant's claim.
        head.headers.remove(CONTENT_LENGTH);
    } else {
        keep_true_length(&mut head.headers);
    }
    let rest = Bytes::new();
    let body = CountedBody { body, left: limit, limit, rest, has_piece: false, held };
    Response::from_parts(head, ReplyBody::Tenant(body))
}

/// Takes away what is not the tenant's to set.
pub(crate) fn clean(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    // Insula's word for its own answers; a tenant cannot speak it.
    headers.remove(INSULA_ERROR);
}

/// Statuses whose responses end with the head (RFC 9110 §6.4.1; Fetch, "null body status").
fn has_no_content(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Removes `content-length` unless it is one number; the protocol then holds the body to it.
fn keep_true_length(headers: &mut HeaderMap) {
    let mut values = headers.get_all(CONTENT_LENGTH).iter();
    let Some(value) = values.next() else { return };
    let digits = value.as_bytes();
    let is_number = !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && value.to_str().is_ok_and(|text| text.parse::<u64>().is_ok());
    if !is_number || values.next().is_some() {
        headers.remove(CONTENT_LENGTH);
    }
}

/// A response's body on its way to the client.
pub(crate) enum ReplyBody<H: Reader> {
    /// Insula's own words, or nothing.
    Own(Option<Bytes>),
    /// A tenant's.
    Tenant(CountedBody<H>),
}

/// A tenant's body, held to the tenant's limit.
pub(crate) struct CountedBody<H: Reader> {
    body: ResponseBody,
    left: u64,
    limit: u64,
    /// What has come of it and is not on its way yet.
    rest: Bytes,
    has_piece: bool,
    held: H,
}

/// Who is told how a body's reader gets on.
pub(crate) trait Reader: Unpin {
    /// Bytes of a piece at the most.
    fn most(&self) -> usize;
    /// A piece is on its way, and so many bytes wait with it. Returns whether there is room for them.
    fn has_piece(&self, bytes: usize) -> bool;
    /// That piece was handed over, or never will be.
    fn wants_piece(&self);
}

impl<H: Reader> ReplyBody<H> {
    pub(crate) fn own(bytes: Bytes) -> Self {
        Self::Own((!bytes.is_empty()).then_some(bytes))
    }

    fn empty() -> Self {
        Self::Own(None)
    }
}

impl<H: Reader> Body for ReplyBody<H> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Own(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Tenant(body) => body.poll_counted(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_none(),
            Self::Tenant(counted) => counted.rest.is_empty() && counted.body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Tenant(counted) => counted.size_hint(),
        }
    }
}

impl<H: Reader> CountedBody<H> {
    fn poll_counted(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.settle_piece();
        if self.rest.is_empty() {
            let data = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                over => return Poll::Ready(over),
            };
            match self.left.checked_sub(data.len() as u64) {
                Some(left) => self.left = left,
                None => {
                    let limit = self.limit;
                    return Poll::Ready(Some(Err(BodyError::TooLarge { limit })));
                }
            }
            self.rest = data;
        }
        self.has_piece = true;
        if !self.held.has_piece(self.rest.len()) {
            let why = "the client does not read its answers".to_owned();
            return Poll::Ready(Some(Err(BodyError::Broken(why))));
        }
        let most = self.held.most().min(self.rest.len());
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(most)))))
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, hint) = (self.rest.len() as u64, self.body.size_hint());
        let mut whole = SizeHint::new();
        if let Some(upper) = hint.upper().and_then(|upper| upper.checked_add(rest)) {
            whole.set_upper(upper);
        }
        whole.set_lower(hint.lower().saturating_add(rest));
        whole
    }

    fn settle_piece(&mut self) {
        if std::mem::take(&mut self.has_piece) {
            self.held.wants_piece();
        }
    }
}

impl<H: Reader> Drop for CountedBody<H> {
    fn drop(&mut self) {
        self.settle_piece();
    }
}

#[cfg(test)]
mod tests;
