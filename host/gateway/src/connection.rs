use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use http::HeaderValue;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::activity::{Activity, Verdict, Watch};
use crate::deadline::TimerSlot;
use crate::request;
use crate::serve::Server;

/// What the requests of one connection share.
pub(crate) struct Connection {
    pub(crate) server: Arc<Server>,
    /// The client's address, as `x-forwarded-for` says it.
    pub(crate) client: HeaderValue,
    pub(crate) activity: Activity,
    pub(crate) timer: TimerSlot,
}

/// Serves one connection until it ends. After `stop`, it ends with the requests in flight.
pub(crate) async fn drive(
    stream: TcpStream,
    peer: SocketAddr,
    server: Arc<Server>,
    mut stop: oneshot::Receiver<()>,
) {
    let Some(connection) = Connection::new(peer, Arc::clone(&server)) else { return };
    let connection = Arc::new(connection);
    let io = WatchedIo { inner: TokioIo::new(stream), connection: Arc::clone(&connection) };
    let requests = Arc::clone(&connection);
    let service = service_fn(move |request| request::handle(Arc::clone(&requests), request));
    let mut http = pin!(server.http.serve_connection(io, service));

    let config = &server.config;
    let mut watch = Watch::new(config.header_timeout, config.idle_timeout, Instant::now());
    let mut tick = pin!(tokio::time::sleep(watch.interval()));
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error, "a connection broke off");
                }
                return;
            }
            _ = &mut stop, if !stopping => {
                stopping = true;
                http.as_mut().graceful_shutdown();
            }
            () = tick.as_mut() => {
                match watch.tick(&connection.activity, Instant::now()) {
                    Verdict::Keep => {}
                    Verdict::Finish => http.as_mut().graceful_shutdown(),
                    Verdict::Close => return,
                }
                tick.as_mut().reset(tokio::time::Instant::now() + watch.interval());
            }
        }
    }
}

impl Connection {
    fn new(peer: SocketAddr, server: Arc<Server>) -> Option<Self> {
        // An IPv4 client of a dual-stack listener is an IPv4 client.
        let client = HeaderValue::try_from(peer.ip().to_canonical().to_string()).ok()?;
        Some(Self { server, client, activity: Activity::default(), timer: TimerSlot::default() })
    }
}

/// The socket, with [`Activity`] taking note of what moves.
struct WatchedIo {
    inner: TokioIo<TcpStream>,
    connection: Arc<Connection>,
}

impl WatchedIo {
    fn note<T>(&self, written: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        match &written {
            Poll::Ready(Ok(_)) => self.connection.activity.wrote(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.connection.activity.write_blocked(),
        }
        written
    }
}

impl Read for WatchedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        self.connection.activity.read();
        Poll::Ready(Ok(()))
    }
}

impl Write for WatchedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.note(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.note(written)
    }
}
