use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::activity::{Activity, Verdict, Watch};
use crate::deadline::TimerSlot;
use crate::io::WatchedIo;
use crate::request;
use crate::room::Room;
use crate::serve::Server;

/// What the requests of one connection share.
pub(crate) struct Connection {
    pub(crate) server: Arc<Server>,
    /// The client's address, as `x-forwarded-for` says it.
    pub(crate) client: HeaderValue,
    pub(crate) activity: Activity,
    pub(crate) timer: TimerSlot,
    pub(crate) room: Room,
    /// The WebSockets that it carries.
    pub(crate) sockets: TaskTracker,
    /// Cancelled when they must end before the connection does.
    pub(crate) leaving: CancellationToken,
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
    let io = WatchedIo::new(stream, Arc::clone(&connection));
    let requests = Arc::clone(&connection);
    let service = service_fn(move |request| request::handle(Arc::clone(&requests), request));
    let mut http = pin!(server.http.serve_connection_with_upgrades(io, service));

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
                break;
            }
            _ = &mut stop, if !stopping => {
                stopping = true;
                connection.leaving.cancel();
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
    // What has become a WebSocket is a connection still, until the server stops: then its isolate ends it.
    connection.sockets.close();
    tokio::select! {
        () = connection.sockets.wait() => {}
        _ = &mut stop, if !stopping => {}
    }
}

impl Connection {
    fn new(peer: SocketAddr, server: Arc<Server>) -> Option<Self> {
        // An IPv4 client of a dual-stack listener is an IPv4 client.
        let client = HeaderValue::try_from(peer.ip().to_canonical().to_string()).ok()?;
        let (activity, timer) = Default::default();
        let (sockets, leaving) = (TaskTracker::new(), CancellationToken::new());
        let room = Arc::clone(&server.house).room();
        Some(Self { server, client, activity, timer, room, sockets, leaving })
    }
}
