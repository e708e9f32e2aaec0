use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use insula_supervisor::{BoxBody, EgressTarget, EgressTargetError, SubrequestError};
use insula_wire::caps;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::origin::Origin;
use super::policy::Policy;
use super::pool::{Key, Link};
use super::resolve::Resolver;
use super::tally::{Beyond, Tallied, Tally};
use super::{EgressConfig, EgressConfigError};

/// How long one address may take before the next is tried beside it (RFC 8305 §5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// How often an HTTP/2 connection with streams is asked whether it still lives.
const PING: Duration = Duration::from_secs(20);

/// Bytes of one HTTP/2 response, and of all of a connection's, that may wait to be read.
const STREAM_WINDOW: u32 = 512 << 10;
const CONNECTION_WINDOW: u32 = 2 << 20;

/// Bytes of an HTTP/1.1 connection that may come and bring nothing: more than a head, and what is read ahead of a body's
/// reader.
const FOR_NOTHING: usize = 512 << 10;

/// Likewise of HTTP/2, beside all that may wait to be read.
const FOR_NOTHING_HTTP2: usize = CONNECTION_WINDOW as usize + FOR_NOTHING;

/// Opens connections to origins that the policy lets tenants reach.
pub(crate) struct Connector {
    policy: Policy,
    resolver: Resolver,
    tls: TlsConnector,
    /// The same, but for HTTP/1.1 alone.
    tls_http1: TlsConnector,
    timeout: Duration,
    /// Attempts beside a subrequest's first one that there may be.
    beside: Semaphore,
}

impl Connector {
    pub(crate) fn new(config: &EgressConfig) -> Result<Self, EgressConfigError> {
        let client = client_config(&config.certificates)?;
        let mut http1 = client.clone();
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            policy: Policy::new(targets(&config.allow)?),
            resolver: Resolver::new(),
            tls: TlsConnector::from(Arc::new(client)),
            tls_http1: TlsConnector::from(Arc::new(http1)),
            timeout: config.connect_timeout,
            beside: Semaphore::new(config.open as usize / 4),
        })
    }

    /// A new connection to the key's origin, ready for a request.
    pub(crate) async fn connect(&self, key: &Key) -> Result<Link, SubrequestError> {
        let late = |_| failed(&key.origin, "it took too long");
        tokio::time::timeout(self.timeout, self.open(key)).await.map_err(late)?
    }

    /// A new connection to the key's origin for one request, which may switch protocols.
    pub(crate) async fn connect_to_switch(
        &self,
        key: &Key,
    ) -> Result<(http1::SendRequest<BoxBody>, Tally), SubrequestError> {
        let late = |_| failed(&key.origin, "it took too long");
        let open = async {
            let stream = self.dial(key).await?;
            if !key.origin.secure {
                return http1_sender(&key.origin, stream).await;
            }
            // Whoever chose HTTP/2 here might not let it be switched.
            let stream = self.secure(&self.tls_http1, &key.origin, stream).await?;
            http1_sender(&key.origin, stream).await
        };
        tokio::time::timeout(self.timeout, open).await.map_err(late)?
    }

    async fn open(&self, key: &Key) -> Result<Link, SubrequestError> {
        let origin = &key.origin;
        let stream = self.dial(key).await?;
        if !origin.secure {
            return http1_link(origin, stream).await;
        }
        let stream = self.secure(&self.tls, origin, stream).await?;
        let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if speaks_http2 {
            http2_link(origin, stream).await
        } else {
            http1_link(origin, stream).await
        }
    }

    async fn dial(&self, key: &Key) -> Result<TcpStream, SubrequestError> {
        let Key { tenant, policy, origin } = key;
        // Resolve once: a second answer could differ from the one that was judged.
        let addresses = self.resolver.resolve(tenant, origin).await?;

        // Judge all: a name that also points inwards is an attempt, not an accident.
        let judge = |ip| self.policy.judge(&policy.egress, origin, ip);
        addresses.iter().try_for_each(|address| judge(address.ip()))?;

        // Connect to a judged address, never to a name.
        let stream =
            race(addresses, &self.beside).await.map_err(|error| failed(origin, reason(&error)))?;
        stream.set_nodelay(true).map_err(|error| failed(origin, reason(&error)))?;
        Ok(stream)
    }

    async fn secure(
        &self,
        tls: &TlsConnector,
        origin: &Origin,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, SubrequestError> {
        let name = ServerName::try_from(origin.host.clone())
            .map_err(|_| failed(origin, "the host cannot be named in TLS"))?;
        let secured = tls.connect(name, stream).await;
        secured.map_err(|error| failed(origin, &format!("TLS: {error}")))
    }
}

fn targets(entries: &[String]) -> Result<Vec<EgressTarget>, EgressConfigError> {
    let parsed = entries.iter().map(|entry| entry.parse());
    parsed
        .collect::<Result<_, EgressTargetError>>()
        .map_err(|EgressTargetError { entry, reason }| EgressConfigError::Allow { entry, reason })
}

fn client_config(
    certificates: &[CertificateDer<'static>],
) -> Result<ClientConfig, EgressConfigError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (index, certificate) in certificates.iter().enumerate() {
        roots
            .add(certificate.clone())
            .map_err(|error| EgressConfigError::Certificate { index, reason: error.to_string() })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = versions
        .map_err(|error| EgressConfigError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The first of `addresses` that answers. Later ones start when earlier ones fail, or hesitate and there is room
/// `beside` them: a tenant's name may have many that never answer.
async fn race(addresses: Vec<SocketAddr>, beside: &Semaphore) -> io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        let is_alone = attempts.is_empty();
        let permit = if is_alone { None } else { beside.try_acquire().ok() };
        if is_alone || permit.is_some() {
            attempts.extend(waiting.next().map(|address| async move {
                let _held = permit;
                TcpStream::connect(address).await
            }));
        }
        match tokio::time::timeout(NEXT_ADDRESS, attempts.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => last = error,
            Ok(None) => return Err(last),
            Err(_hesitates) => {}
        }
    }
}

async fn http1_link<T>(origin: &Origin, io: T) -> Result<Link, SubrequestError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, tally) = http1_sender(origin, io).await?;
    Ok(Link::Http1(sender, tally))
}

async fn http1_sender<T>(
    origin: &Origin,
    io: T,
) -> Result<(http1::SendRequest<BoxBody>, Tally), SubrequestError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = Tallied::new(io, FOR_NOTHING, Beyond::Fail);
    let tally = io.tally();
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(caps::HEADERS)
        .max_headers(caps::HEADER_FIELDS)
        .handshake::<_, BoxBody>(TokioIo::new(io))
        .await
        .map_err(|error| failed(origin, &error.to_string()))?;
    // Ends when the link and the response's body are dropped, or the server closes.
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "an egress connection broke off");
        }
    });
    Ok((sender, tally))
}

async fn http2_link<T>(origin: &Origin, io: T) -> Result<Link, SubrequestError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = Tallied::new(io, FOR_NOTHING_HTTP2, Beyond::Slow);
    let tally = io.tally();
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .max_header_list_size(caps::HEADERS as u32)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .handshake::<_, BoxBody>(TokioIo::new(io))
        .await
        .map_err(|error| failed(origin, &error.to_string()))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an egress connection broke off");
        }
    });
    Ok(Link::Http2(sender, tally))
}

fn failed(origin: &Origin, why: &str) -> SubrequestError {
    SubrequestError::Network(format!("cannot connect to {origin}: {why}"))
}

/// An error in words that name nothing of this host.
fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset",
        io::ErrorKind::TimedOut => "it took too long",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "unreachable",
        _ => "the connection failed",
    }
}
