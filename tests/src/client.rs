use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::within;

/// A request's body.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The end of a streaming body that takes pieces; dropping it ends the body.
pub type BodySender = mpsc::Sender<Bytes>;

/// The most that a test takes into memory.
const MOST: usize = 256 << 20;

/// No body.
pub fn empty() -> Body {
    Empty::new().boxed_unsync()
}

/// All at once, with its length.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

/// Piece by piece, without a length.
pub fn streaming() -> (BodySender, Body) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let pieces = stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok(Frame::data(piece)), receiver))
    });
    (sender, StreamBody::new(pieces).boxed_unsync())
}

/// A client's connection to a server. Dropping it closes it.
pub struct Connection {
    sender: Sender,
    task: JoinHandle<()>,
}

enum Sender {
    Http1(http1::SendRequest<Body>),
    Http2(http2::SendRequest<Body>),
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An answer whose body is still coming.
pub struct Exchange {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    body: Incoming,
}

impl Connection {
    /// HTTP/1.1.
    pub async fn http1(address: SocketAddr) -> Self {
        let stream = connect(address).await;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.expect("an HTTP/1 connection");
        let task = tokio::spawn(async {
            // Requests on it fail with the reason.
            let _ = connection.await;
        });
        Self { sender: Sender::Http1(sender), task }
    }

    /// HTTP/2 with prior knowledge, without TLS.
    pub async fn http2(address: SocketAddr) -> Self {
        let stream = connect(address).await;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .expect("an HTTP/2 connection");
        let task = tokio::spawn(async {
            let _ = connection.await;
        });
        Self { sender: Sender::Http2(sender), task }
    }

    /// Sends a request and takes the whole answer.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let line = line(&request);
        self.try_send(request).await.unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The same, when it may fail: the connection closed before the answer was whole.
    pub async fn try_send(&mut self, request: Request<Body>) -> Result<Answer, String> {
        self.try_open(request).await?.try_whole().await
    }

    /// Sends a request and waits for the head of the answer.
    pub async fn open(&mut self, request: Request<Body>) -> Exchange {
        let line = line(&request);
        self.try_open(request).await.unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// The same, when it may fail.
    pub async fn try_open(&mut self, request: Request<Body>) -> Result<Exchange, String> {
        let line = line(&request);
        let response = within(&line, async {
            match &mut self.sender {
                Sender::Http1(sender) => {
                    sender.ready().await?;
                    sender.send_request(request).await
                }
                Sender::Http2(sender) => {
                    sender.ready().await?;
                    sender.send_request(request).await
                }
            }
        });
        response.await.map(Exchange::new).map_err(|error| error.to_string())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Exchange {
    fn new(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// The next piece of the body; `None` at its end.
    pub async fn piece(&mut self) -> Option<Bytes> {
        self.try_piece().await.unwrap_or_else(|error| panic!("the body broke off: {error}"))
    }

    /// The same, when the body may break off.
    pub async fn try_piece(&mut self) -> Result<Option<Bytes>, String> {
        loop {
            match within("a piece of a body", self.body.frame()).await {
                None => return Ok(None),
                Some(Err(error)) => return Err(error.to_string()),
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }

    /// The rest.
    pub async fn try_whole(mut self) -> Result<Answer, String> {
        let mut body = BytesMut::new();
        while let Some(piece) = self.try_piece().await? {
            body.extend_from_slice(&piece);
            assert!(body.len() <= MOST, "a body that does not end");
        }
        Ok(Answer { status: self.status, headers: self.headers, body: body.freeze() })
    }

    /// The rest, which must come.
    pub async fn whole(self) -> Answer {
        self.try_whole().await.unwrap_or_else(|error| panic!("the body broke off: {error}"))
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header field; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a visible value"))
    }

    /// Asserts that this is an answer of Insula's own.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.header("insula-error")), (status, code), "{self:?}");
        assert!(self.text().starts_with(code), "{self:?}");
    }

    /// Asserts that this is a tenant's answer with this body.
    #[track_caller]
    pub fn assert_ok(&self, body: &str) {
        assert_eq!((self.status, self.text()), (200, body), "{self:?}");
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    within("a connection", TcpStream::connect(address)).await.expect("a connection")
}

fn line(request: &Request<Body>) -> String {
    format!("{} {}", request.method(), request.uri())
}
