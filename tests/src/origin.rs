use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::Body;

/// What an origin is asked.
pub type OriginRequest = Request<Incoming>;

/// What it answers.
pub type OriginAnswer = Response<Body>;

/// A web server for tenants to fetch from. Dropping it closes it.
pub struct Origin {
    address: SocketAddr,
    task: AbortHandle,
}

impl Origin {
    /// Starts one that answers with `handler`.
    pub async fn start<F>(handler: F) -> Self
    where
        F: Fn(OriginRequest) -> BoxFuture<'static, OriginAnswer> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let handler = Arc::new(handler);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let handler = Arc::clone(&handler);
                let service = service_fn(move |request| {
                    let answer = handler(request);
                    async { Ok::<_, Infallible>(answer.await) }
                });
                connections
                    .spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, task: task.abort_handle() }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL for `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The `insula.toml` that lets tenants reach it.
    pub fn allowed(&self) -> String {
        format!("[egress]\nallow = [\"{}\"]\n", self.address)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole answer.
pub fn answer(status: u16, body: impl Into<Bytes>) -> OriginAnswer {
    let response = Response::builder().status(status);
    response.body(crate::whole(body)).expect("a response")
}
