//! A server on a free port, and an egress that may reach it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use insula_gateway::{Egress, EgressConfig};
use insula_supervisor::{
    BodyError, BoxBody, Bundle, Deployment, Generation, Limits, RedirectMode, Subrequest,
    SubrequestError,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Long enough for any step on a loaded machine; running into it is a failure.
pub const PATIENCE: Duration = Duration::from_secs(20);

type Handler =
    Arc<dyn Fn(Request<Incoming>) -> BoxFuture<'static, Response<BoxBody>> + Send + Sync>;

/// A server that answers with what its handler makes.
pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start<H, F>(handler: H) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<BoxBody>> + Send + 'static,
    {
        Self::with_tls(handler, None).await
    }

    pub async fn with_tls<H, F>(handler: H, tls: Option<TlsAcceptor>) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
        F: Future<Output = Response<BoxBody>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, SeqCst);
                let (handler, tls) = (Arc::clone(&handler), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, handler).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                converse(stream, handler).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }

    /// `http://127.0.0.1:PORT` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections that were ever accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// An egress that may reach this server.
    pub fn egress(&self) -> Egress {
        egress([self.address.to_string()])
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, handler: Handler) {
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An egress that may reach what `allow` says.
pub fn egress(allow: impl IntoIterator<Item = String>) -> Egress {
    let config = EgressConfig { allow: allow.into_iter().collect(), ..EgressConfig::default() };
    Egress::new(config).expect("a policy")
}

pub fn tenant(name: &str) -> Arc<Deployment> {
    Arc::new(Deployment {
        wall: insula_supervisor::Wall::Shared,
        policy: Default::default(),
        tenant: name.into(),
        id: format!("{name}-1").into(),
        code: Bundle { entry: "index.js".into(), modules: Vec::new() }.into(),
        generation: Generation::next(),
        variables: Vec::new(),
        limits: Limits::default(),
    })
}

pub fn get(url: &str) -> Subrequest {
    following(Request::get(url).body(full("")).expect("a request"))
}

pub fn following(request: Request<BoxBody>) -> Subrequest {
    Subrequest { redirect: RedirectMode::Follow, request }
}

pub async fn fetch(
    egress: &Egress,
    request: Subrequest,
) -> Result<Response<BoxBody>, SubrequestError> {
    let fetched = egress.fetch(tenant("alice"), request);
    tokio::time::timeout(PATIENCE, fetched).await.expect("an outcome in time")
}

pub fn full(text: impl Into<Bytes>) -> BoxBody {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

pub fn answer(text: impl Into<Bytes>) -> Response<BoxBody> {
    Response::new(full(text))
}

/// The text of a body that ends.
pub async fn text<B>(body: B) -> Result<String, String>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    #[expect(clippy::disallowed_methods, reason = "bounded by Limited")]
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, 1 << 20).collect()).await;
    let read = read.expect("the body ends in time").map_err(|error| error.to_string())?;
    String::from_utf8(read.to_bytes().to_vec()).map_err(|error| error.to_string())
}

/// A body of `frames`, whose length nobody knows.
pub fn streamed(
    frames: impl futures_util::Stream<Item = Result<Bytes, BodyError>> + Send + 'static,
) -> BoxBody {
    use futures_util::TryStreamExt;
    http_body_util::StreamBody::new(frames.map_ok(http_body::Frame::data)).boxed_unsync()
}
