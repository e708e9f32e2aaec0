use std::time::Duration;

use rustls::pki_types::CertificateDer;
use thiserror::Error;

/// Where tenants may connect to, and how long that may take.
#[derive(Debug, Clone)]
pub struct EgressConfig {
    /// What is allowed beside public addresses: `127.0.0.1:9000`, `[::1]:9000`, `10.0.0.0/8`,
    /// `10.0.0.0/8:443`, `internal.example`, `internal.example:443`. Without a port: every port.
    pub allow: Vec<String>,
    /// Certificate authorities that are trusted beside the public ones.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Subrequests that all tenants may have open at once. Each has a descriptor, and a quarter as many come on top for
    /// addresses that are tried beside others.
    pub open: u32,
    /// Connections that may wait for their next request, a descriptor each.
    pub waiting: usize,
    /// How long resolving, connecting and the TLS handshake may take, together.
    pub connect_timeout: Duration,
    /// How long a server may take from the request to the response's head.
    pub head_timeout: Duration,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            certificates: Vec::new(),
            open: 20_000,
            waiting: 1024,
            connect_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(60),
        }
    }
}

/// What is wrong with an [`EgressConfig`]. The operator's fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EgressConfigError {
    /// An entry of `allow` is no address, network or host name.
    #[error("egress allow entry {entry:?}: {reason}")]
    Allow {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An additional certificate authority cannot be used.
    #[error("egress certificate {index}: {reason}")]
    Certificate {
        /// Its place in `certificates`, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("egress TLS: {0}")]
    Tls(String),
}
