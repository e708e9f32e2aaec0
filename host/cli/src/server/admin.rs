//! The door of the admin API. Whoever reaches it may be a stranger, who must cost neither tenants
//! their descriptors nor the operator an answer.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use insula_control::Vouched;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::Shutdown;

/// Time for a request's head, and for a connection without a request. Answers take as long as they
/// like: a tail ends when its reader goes.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long to wait before accepting again when the process is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// When the kernel starts to ask a silent peer whether it still exists.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// Serves `router` over HTTP/1 on at most `most` connections, until the end is wished for and the
/// requests of those who have the token are answered. Dropping the future closes all connections.
pub async fn serve(listener: TcpListener, router: Router, most: usize, shutdown: Shutdown) {
    let router = TowerToHyperService::new(router);
    let mut guests = Guests { most, ..Guests::default() };
    let mut wished = pin!(shutdown.clone().wished());
    loop {
        let has_room = guests.have_room();
        tokio::select! {
            biased;
            () = wished.as_mut() => break,
            () = guests.gone(), if !guests.tasks.is_empty() => {}
            // The others wait in the listener's backlog.
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, _)) => guests.welcome(stream, &router, &shutdown),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections to the admin API");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    guests.finish().await;
}

/// The connections that are open.
#[derive(Default)]
struct Guests {
    most: usize,
    tasks: JoinSet<()>,
    /// Those that were not sent away, longest here first.
    here: VecDeque<Guest>,
    /// Strangers have to go for others; said once, and again after it was over.
    is_crowded: bool,
}

struct Guest {
    task: AbortHandle,
    vouched: Vouched,
}

impl Guests {
    /// Who has the token is never sent away for another.
    fn have_room(&self) -> bool {
        self.here.len() < self.most || self.here.iter().any(|guest| !guest.vouched.is_so())
    }

    fn welcome(
        &mut self,
        stream: TcpStream,
        router: &TowerToHyperService<Router>,
        shutdown: &Shutdown,
    ) {
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, "a connection was gone before it was served");
            return;
        }
        if self.here.len() >= self.most {
            self.send_a_stranger_away();
        }
        let vouched = Vouched::default();
        let drive = drive(stream, router.clone(), vouched.clone(), shutdown.clone());
        let task = self.tasks.spawn(drive);
        self.here.push_back(Guest { task, vouched });
    }

    /// The one that had most time to show a token. If all have since the newcomer was let in, there
    /// is one connection more for a while.
    fn send_a_stranger_away(&mut self) {
        let Some(at) = self.here.iter().position(|guest| !guest.vouched.is_so()) else { return };
        if let Some(stranger) = self.here.remove(at) {
            stranger.task.abort();
        }
        if !self.is_crowded {
            self.is_crowded = true;
            tracing::warn!(
                connections = self.most,
                "the admin listener is crowded: connections without the token are closed for new \
                 ones; see who can reach it"
            );
        }
    }

    /// Waits for a connection to end. Must not be called when there is none.
    async fn gone(&mut self) {
        let id = match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => id,
            Some(Err(error)) => {
                if error.is_panic() {
                    tracing::error!(%error, "an admin connection's task failed");
                }
                error.id()
            }
            None => return,
        };
        self.here.retain(|guest| guest.task.id() != id);
        self.is_crowded &= self.here.len() > self.most / 2;
    }

    /// Connections with the token end with the requests they have.
    async fn finish(mut self) {
        for stranger in self.here.iter().filter(|guest| !guest.vouched.is_so()) {
            stranger.task.abort();
        }
        while !self.tasks.is_empty() {
            self.gone().await;
        }
    }
}

/// Serves one connection until it ends.
async fn drive(
    stream: TcpStream,
    router: TowerToHyperService<Router>,
    vouched: Vouched,
    shutdown: Shutdown,
) {
    let service = service_fn(move |request| answer(&router, &vouched, request));
    let mut http = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = http.as_mut() => ended,
        () = shutdown.wished() => {
            http.as_mut().graceful_shutdown();
            http.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an admin connection broke off");
    }
}

fn answer(
    router: &TowerToHyperService<Router>,
    vouched: &Vouched,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + use<> {
    request.extensions_mut().insert(vouched.clone());
    router.call(request)
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(TCP_KEEPALIVE))
}

#[cfg(test)]
mod tests;
