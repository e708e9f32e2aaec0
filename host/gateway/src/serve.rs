use std::sync::Arc;

use insula_supervisor::Supervisor;
use tokio::net::TcpListener;

use crate::{GatewayConfig, Routes};

/// Serves HTTP/1 and HTTP/2 without TLS on `listener` until `shutdown` completes; then accepts no
/// more connections and returns when the requests in flight are answered. Dropping the future
/// closes all connections at once.
pub async fn serve(
    _listener: TcpListener,
    _config: GatewayConfig,
    _routes: Arc<dyn Routes>,
    _supervisor: Arc<Supervisor>,
    shutdown: impl Future<Output = ()>,
) {
    shutdown.await;
}
