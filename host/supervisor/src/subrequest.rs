//! What tenants fetch: admitted, handed to the services, and answered.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty, Full};
use insula_wire::{BodyHead, HeaderBlock, HostFrame, RedirectMode};

use crate::body::{IncomingBody, send_response_body};
use crate::link::Link;
use crate::{BoxBody, Connected, Socket, Subrequest, SubrequestError, fields};

/// A `fetch` as the isolate asked for it.
pub(crate) struct Call {
    pub(crate) stream: u32,
    redirect: RedirectMode,
    method: String,
    url: String,
    /// The fields, or the name of one that HTTP cannot carry.
    headers: Result<http::HeaderMap, String>,
    body: CallBody,
    /// It shall become a WebSocket.
    connects: bool,
}

enum CallBody {
    None,
    Full(Bytes),
    Stream { length: Option<u64> },
}

impl Call {
    pub(crate) fn new(
        stream: u32,
        redirect: RedirectMode,
        method: &str,
        url: &str,
        headers: HeaderBlock<'_>,
        body: BodyHead<'_>,
    ) -> Self {
        let body = match body {
            BodyHead::None => CallBody::None,
            BodyHead::Inline(bytes) => CallBody::Full(Bytes::copy_from_slice(bytes)),
            BodyHead::Stream { length } => CallBody::Stream { length },
        };
        let headers = fields::to_map(headers);
        let (method, url) = (method.to_owned(), url.to_owned());
        Self { stream, redirect, method, url, headers, body, connects: false }
    }

    /// One that shall become a WebSocket. Where a server redirects to, the tenant may ask itself.
    pub(crate) fn connect(stream: u32, url: &str, headers: HeaderBlock<'_>) -> Self {
        let redirect = RedirectMode::Manual;
        let call = Self::new(stream, redirect, "GET", url, headers, BodyHead::None);
        Self { connects: true, ..call }
    }

    /// Carries the call out, and tells the isolate how it ended.
    pub(crate) async fn run(self, link: Arc<Link>) {
        let stream = self.stream;
        let url = self.url.clone();
        if self.connects {
            return self.open(link).await;
        }
        let result = match self.into_subrequest(&link) {
            Ok(request) => link.services.fetch(Arc::clone(&link.deployment), request).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(response) => answer(&link, stream, &url, response).await,
            Err(error) => link.fetch_failed(stream, &error.to_string()),
        }
    }

    async fn open(self, link: Arc<Link>) {
        let stream = self.stream;
        let url = self.url.clone();
        let result = match self.into_subrequest(&link) {
            Ok(request) => link.services.connect(Arc::clone(&link.deployment), request).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(Connected::Open(head, drive)) => {
                poll_fn(|cx| link.poll_link_room(stream, cx)).await;
                if opened(&link, stream, &url, &head) {
                    drive(Socket::new(link, stream)).await;
                }
            }
            Ok(Connected::Refused(response)) => answer(&link, stream, &url, response).await,
            Err(error) => link.fetch_failed(stream, &error.to_string()),
        }
    }

    fn into_subrequest(self, link: &Arc<Link>) -> Result<Subrequest, SubrequestError> {
        let body = match self.body {
            CallBody::None => boxed(Empty::new()),
            CallBody::Full(bytes) => boxed(Full::new(bytes)),
            CallBody::Stream { length } => {
                IncomingBody::new(Arc::clone(link), self.stream, length).boxed_unsync()
            }
        };
        let mut request = http::Request::new(body);
        *request.method_mut() = Method::from_bytes(self.method.as_bytes())
            .map_err(|_| SubrequestError::Network(format!("{} is no method", self.method)))?;
        *request.uri_mut() =
            self.url.parse::<Uri>().map_err(|_| SubrequestError::BadUrl(self.url.clone()))?;
        *request.headers_mut() = self.headers.map_err(|name| {
            SubrequestError::Network(format!("the value of header {name} cannot travel over HTTP"))
        })?;
        Ok(Subrequest { redirect: self.redirect, request })
    }
}

/// Tells the isolate that its WebSocket is open. Returns whether it wants it still.
fn opened(link: &Arc<Link>, stream: u32, url: &str, head: &http::Response<()>) -> bool {
    let opened = fields::with_block(head.headers(), |headers| {
        let frame = HostFrame::FetchResponse {
            stream,
            status: StatusCode::SWITCHING_PROTOCOLS.as_u16(),
            redirected: false,
            status_text: "Switching Protocols",
            url,
            headers,
            body: BodyHead::None,
        };
        link.socket_opened(stream, &frame)
    });
    opened.unwrap_or_else(|error| {
        link.fetch_failed(stream, &format!("the response's head: {error}"));
        false
    })
}

async fn answer(link: &Arc<Link>, stream: u32, url: &str, response: http::Response<BoxBody>) {
    let (head, body) = response.into_parts();
    if !(200..600).contains(&head.status.as_u16()) {
        return link.fetch_failed(stream, &format!("{} is no status of a response", head.status));
    }
    // Whoever followed redirects says where they led.
    let landed = head.extensions.get::<Uri>().map(Uri::to_string);
    let body_head = match head.status {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
            BodyHead::None
        }
        _ if body.is_end_stream() => BodyHead::Inline(&[]),
        _ => BodyHead::Stream { length: body.size_hint().exact() },
    };
    let streamed = matches!(body_head, BodyHead::Stream { .. });
    // Heads are large when servers want them to be.
    poll_fn(|cx| link.poll_link_room(stream, cx)).await;
    let sent = fields::with_block(&head.headers, |headers| {
        let frame = HostFrame::FetchResponse {
            stream,
            status: head.status.as_u16(),
            redirected: landed.is_some(),
            status_text: head.status.canonical_reason().unwrap_or_default(),
            url: landed.as_deref().unwrap_or(url),
            headers,
            body: body_head,
        };
        link.fetch_answered(stream, &frame);
    });
    match sent {
        Err(error) => link.fetch_failed(stream, &format!("the response's head: {error}")),
        Ok(()) if streamed => send_response_body(link, stream, body).await,
        Ok(()) => {}
    }
}

fn boxed<B>(body: B) -> BoxBody
where
    B: http_body::Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
{
    body.map_err(|never| match never {}).boxed_unsync()
}
