use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use insula_supervisor::Supervisor;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{Id, JoinSet};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::room::House;
use crate::{GatewayConfig, Routes, connection};

/// Requests that one HTTP/2 connection may have in flight.
const STREAMS: u32 = 100;

/// Bytes of one HTTP/2 request body, and of all of a connection's, that may wait to be read.
const STREAM_WINDOW: u32 = 256 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;

/// Bytes of one HTTP/2 response that may wait to be written: a client that takes nothing of all its
/// streams holds this much of each.
const STREAM_SEND_BUFFER: usize = 32 << 10;

/// The least that hyper accepts as an HTTP/1 buffer.
const MIN_BUFFER: usize = 8 << 10;

/// How long to wait before accepting again when the process is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// When the kernel starts to ask a silent peer whether it still exists.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// What all connections share.
pub(crate) struct Server {
    pub(crate) config: GatewayConfig,
    pub(crate) routes: Arc<dyn Routes>,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) http: auto::Builder<TokioExecutor>,
    pub(crate) websockets: WebSockets,
    pub(crate) house: Arc<House>,
}

/// The WebSockets that are open. They last longer than [`serve`]: until their isolates end them.
#[derive(Debug, Clone, Default)]
pub struct WebSockets(TaskTracker);

impl WebSockets {
    /// One more is open, until the token is dropped.
    pub(crate) fn open(&self) -> TaskTrackerToken {
        self.0.token()
    }

    /// Returns when all are over, and whoever is on the other side has been told.
    pub async fn over(&self) {
        self.0.close();
        self.0.wait().await;
    }
}

/// Serves HTTP/1 and HTTP/2 without TLS on `listener` until `shutdown` completes; then accepts no
/// more connections and returns when the requests in flight are answered; `websockets` go on. Dropping the future
/// closes all connections at once.
pub async fn serve(
    listener: TcpListener,
    config: GatewayConfig,
    routes: Arc<dyn Routes>,
    supervisor: Arc<Supervisor>,
    websockets: WebSockets,
    shutdown: impl Future<Output = ()>,
) {
    let http = protocols(&config);
    let house = Arc::new(House::new(config.held_bytes));
    let server = Arc::new(Server { config, routes, supervisor, http, websockets, house });
    let mut connections = Connections::default();
    let mut shutdown = pin!(shutdown);
    loop {
        let has_room = connections.len() < server.config.max_connections;
        tokio::select! {
            biased;
            () = shutdown.as_mut() => break,
            () = connections.ended(), if !connections.is_empty() => {}
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, peer)) => connections.start(stream, peer, &server),
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    connections.finish().await;
}

fn protocols(config: &GatewayConfig) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        // `activity.rs` watches the head's arrival without a timer for each request.
        .header_read_timeout(None)
        .max_buf_size(config.header_bytes.max(MIN_BUFFER));
    http.http2()
        // For WebSockets (RFC 8441).
        .enable_connect_protocol()
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(config.header_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(STREAM_SEND_BUFFER);
    http
}

/// The connections that are open. Dropping it closes them.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    /// Tells a connection to finish. One channel each: the hot path polls it, and must not meet
    /// another connection's lock there.
    stops: HashMap<Id, oneshot::Sender<()>>,
}

impl Connections {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    fn start(&mut self, stream: TcpStream, peer: SocketAddr, server: &Arc<Server>) {
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return;
        }
        let (stop, stopped) = oneshot::channel();
        let task = self.tasks.spawn(connection::drive(stream, peer, Arc::clone(server), stopped));
        self.stops.insert(task.id(), stop);
    }

    /// Waits for a connection to end. Must not be called when there is none.
    async fn ended(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                tracing::error!(%error, "a connection's task failed");
                error.id()
            }
            None => return,
        };
        self.stops.remove(&id);
    }

    /// Lets every connection finish the requests it has.
    async fn finish(mut self) {
        // A dropped sender says the same as a sent message.
        self.stops.clear();
        while !self.is_empty() {
            self.ended().await;
        }
    }
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(TCP_KEEPALIVE))
}

/// Whether `accept` failed for a connection that its client gave up, rather than for lack of files.
fn concerns_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
