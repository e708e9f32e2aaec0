use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::uri::Scheme;
use insula_supervisor::{Deployment, RequestError};

/// Who answers to a host name.
pub trait Routes: Send + Sync + 'static {
    /// The active deployment behind `host`: lower case, without port, IPv6 addresses in brackets.
    /// Called for every request; must not block.
    fn route(&self, host: &str) -> Option<Arc<Deployment>>;

    /// What a browser shows of a request that `deployment` did not answer, as HTML. It is for the
    /// author alone, who is the only client of a server for development; others tell clients
    /// nothing of a tenant's code, and have none.
    fn error_page(
        &self,
        _deployment: Arc<Deployment>,
        _error: &RequestError,
    ) -> Option<BoxFuture<'static, String>> {
        None
    }
}

/// What the listener grants its clients.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Connections open at once; more wait in the kernel's queue.
    pub max_connections: usize,
    /// Bytes of a request's head. An HTTP/1 connection buffers no more than this either.
    pub header_bytes: usize,
    /// How long a client may take to send a request's head.
    pub header_timeout: Duration,
    /// Bytes of all clients' requests and of answers to them that may be held here, before each connection has to do
    /// with its part of as much again, or with 256 KiB.
    pub held_bytes: usize,
    /// How long a connection may lie without a request, a client may stop reading its response, or
    /// stop sending a body that is being read.
    pub idle_timeout: Duration,
    /// The scheme of the URLs that tenants see, and of `x-forwarded-proto`: what the clients use,
    /// which is not what arrives here if something in front ends TLS.
    pub scheme: Scheme,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            max_connections: 20_000,
            header_bytes: 64 << 10,
            header_timeout: Duration::from_secs(10),
            held_bytes: 256 << 20,
            idle_timeout: Duration::from_secs(60),
            scheme: Scheme::HTTP,
        }
    }
}
