//! The link against a peer that speaks the real protocol over a real socket.

mod aborts;
mod breaches;
mod pressure;
mod request_bodies;
mod responses;
mod retiring;
mod sockets;
mod starting;
mod subrequests;

use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use http_body_util::{BodyExt, Full};
use insula_wire::{
    BodyHead, Decoder, Exports, Frame, HeaderBlock, HostFrame, IsolateFrame, MessagePart,
    ModuleKind, SocketEnd, caps,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use super::{Boot, Chance, Exchange, Lease, Link, LinkContext, Reserved, Tally};
use crate::berth::Berth;
use crate::placement::Placement;
use crate::sync::lock;
use crate::{
    BoxBody, Bundle, Connected, Deployment, Generation, Limits, Module, Said, Services, Socket,
    Subrequest, SubrequestError, TenantEvent,
};

/// The isolate's side of a link.
pub(crate) struct Peer {
    socket: UnixStream,
    berth: Arc<Berth>,
}

/// As the supervisor does when it learns of an isolate's end.
impl Drop for Peer {
    fn drop(&mut self) {
        self.berth.release();
    }
}

impl Peer {
    pub(crate) async fn say(&mut self, frames: &[IsolateFrame<'_>]) {
        let mut bytes = Vec::new();
        frames.iter().for_each(|frame| frame.encode(&mut bytes));
        self.socket.write_all(&bytes).await.expect("the host listens");
    }

    /// What `look` makes of the next frame. The link closed is `None`.
    pub(crate) async fn hear<T>(&mut self, look: impl FnOnce(HostFrame<'_>) -> T) -> Option<T> {
        let mut header = [0; caps::FRAME_HEADER];
        self.socket.read_exact(&mut header).await.ok()?;
        let [length, stream, kind] = [0, 4, 8].map(|at| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        });
        let mut payload = vec![0; length as usize];
        self.socket.read_exact(&mut payload).await.ok()?;
        Some(look(HostFrame::decode(kind as u8, stream, &payload).expect("the host is correct")))
    }

    /// Reads `count` bytes, whatever they are.
    pub(crate) async fn read_bytes(&mut self, count: usize) {
        self.socket.read_exact(&mut vec![0; count]).await.expect("so many bytes");
    }

    /// Hears a request; returns its stream.
    pub(crate) async fn request(&mut self) -> u32 {
        let stream = self.hear(|frame| match frame {
            HostFrame::Request { stream, .. } => stream,
            other => panic!("no request: {other:?}"),
        });
        stream.await.expect("the link is open")
    }
}

/// A response with `body`.
pub(crate) fn response(stream: u32, body: BodyHead<'_>) -> IsolateFrame<'_> {
    let headers = HeaderBlock::parse(b"x-from\npeer\n").expect("legal");
    IsolateFrame::Response { stream, status: 200, status_text: "OK", headers, body }
}

pub(crate) fn done(stream: u32) -> IsolateFrame<'static> {
    IsolateFrame::Done { stream, cpu_us: 7 }
}

/// Notes events, and answers subrequests for `/echo` with their body, and no others ever.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) events: Mutex<Vec<TenantEvent>>,
}

impl Services for Notes {
    fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<http::Response<BoxBody>, SubrequestError>> {
        Box::pin(async move {
            match request.request.uri().path() {
                "/echo" => Ok(http::Response::new(request.request.into_body())),
                "/large" => {
                    let body = Full::new(Bytes::from(vec![b'x'; 1 << 20]));
                    Ok(http::Response::new(body.map_err(|never| match never {}).boxed_unsync()))
                }
                "/refused" => Err(SubrequestError::BadUrl("that".to_owned())),
                _ => std::future::pending().await,
            }
        })
    }

    fn connect(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> BoxFuture<'static, Result<Connected, SubrequestError>> {
        Box::pin(async move {
            match request.request.uri().path() {
                "/echo" => Ok(Connected::Open(http::Response::new(()), Box::new(echo))),
                _ => Err(SubrequestError::BadUrl("that".to_owned())),
            }
        })
    }

    fn event(&self, _deployment: &Arc<Deployment>, event: TenantEvent) {
        lock(&self.events).push(event);
    }
}

/// Sends what an isolate says back to it, until it says no more.
fn echo(socket: Socket) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        loop {
            match socket.said().await {
                Said::Part { last, bytes, .. } => {
                    socket.room().await.expect("the isolate takes it");
                    socket.send(last, MessagePart::Binary(&bytes));
                }
                Said::Close { code, reason } => {
                    return socket.end(SocketEnd::Clean, code, &reason);
                }
                Said::Gone(code) => return socket.end(SocketEnd::Broken, code, ""),
            }
        }
    })
}

pub(crate) fn deployment(limits: Limits) -> Arc<Deployment> {
    let module = Module {
        name: "index.js".to_owned(),
        kind: ModuleKind::JavaScript,
        source: Bytes::from_static(b"export default {\n  fetch() { throw 1 }\n}\n"),
    };
    let bundle = Bundle { entry: "index.js".to_owned(), modules: vec![module] };
    Arc::new(Deployment {
        wall: crate::Wall::Shared,
        policy: Arc::default(),
        tenant: "alice".into(),
        id: "v1".into(),
        code: bundle.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits,
    })
}

/// A link to a peer that has said that it is ready.
pub(crate) async fn link(limits: Limits) -> (Arc<Link>, Peer, Arc<Notes>) {
    let notes = Arc::<Notes>::default();
    let (link, peer) = placed(Weak::new(), deployment(limits), Arc::clone(&notes)).await;
    (link, peer, notes)
}

/// The same, in a placement.
pub(crate) async fn placed(
    placement: Weak<Placement>,
    deployment: Arc<Deployment>,
    notes: Arc<Notes>,
) -> (Arc<Link>, Peer) {
    let (link, mut peer) = starting(placement, deployment, notes).await;
    peer.say(&[READY]).await;
    assert_eq!(link.started().await.expect("ready").cpu_us, 3);
    (link, peer)
}

pub(crate) const READY: IsolateFrame<'static> =
    IsolateFrame::Ready { cpu_us: 3, exports: Exports { fetch: true, scheduled: false } };

/// A link to a peer that has said nothing yet.
pub(crate) async fn starting(
    placement: Weak<Placement>,
    deployment: Arc<Deployment>,
    notes: Arc<Notes>,
) -> (Arc<Link>, Peer) {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    let far_end = theirs.as_fd().try_clone_to_owned().expect("a descriptor");
    let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().expect("a permit");
    let berth = Arc::new(Berth::new(Weak::new(), Some((far_end, permit))));
    let context = LinkContext {
        concurrency: deployment.limits.concurrency,
        deployment,
        services: notes,
        placement,
        tally: Arc::new(Tally::new(Instant::now())),
        stats: Arc::default(),
        permit: None,
    };
    let bundle = context.deployment.code.read().await.expect("it is in memory");
    let boot = Boot { began: Instant::now(), bundle };
    let link = Link::open(ours, Arc::clone(&berth), Decoder::for_host(), context, boot);
    (link, Peer { socket: theirs, berth })
}

pub(crate) fn lease(link: &Arc<Link>) -> Lease {
    match link.reserve() {
        Reserved::Lease(lease) => lease,
        Reserved::Full => panic!("full"),
        Reserved::Closed => panic!("closed"),
    }
}

pub(crate) fn send(link: &Arc<Link>, body: BodyHead<'_>) -> Exchange {
    let headers = HeaderMap::new();
    let exchange =
        Exchange::begin(lease(link), "GET", "http://a/", &headers, body, Chance::More, false);
    exchange.unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// A request for a WebSocket.
pub(crate) fn ask(link: &Arc<Link>) -> Exchange {
    let (headers, body) = (HeaderMap::new(), BodyHead::None);
    let exchange =
        Exchange::begin(lease(link), "GET", "http://a/", &headers, body, Chance::More, true);
    exchange.unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// A request that was answered with the head of a streamed body.
pub(crate) async fn streamed(
    link: &Arc<Link>,
    peer: &mut Peer,
) -> (u32, http::Response<crate::ResponseBody>) {
    let exchange = send(link, BodyHead::None);
    let stream = peer.request().await;
    peer.say(&[response(stream, BodyHead::Stream { length: None })]).await;
    (stream, exchange.await.expect("a response"))
}

#[expect(clippy::disallowed_methods, reason = "the peer is the test's own")]
pub(crate) async fn read_all(
    response: http::Response<crate::ResponseBody>,
) -> Result<Bytes, crate::BodyError> {
    response.into_body().collect().await.map(http_body_util::Collected::to_bytes)
}
