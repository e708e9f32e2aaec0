use std::sync::Arc;

use http::{Request, Response, Version};
use hyper::body::Incoming;
use insula_gateway::{Egress, EgressConfig};
use insula_supervisor::{BoxBody, Connected, RedirectMode, Subrequest, SubrequestError};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tungstenite::handshake::derive_accept_key;

use crate::server::{Server, answer, fetch, full, get, tenant, text};

/// A server with a certificate for `localhost` that speaks `protocols`, and the certificate.
async fn start(protocols: &[&str]) -> (Server, CertificateDer<'static>) {
    start_with(version, protocols).await
}

async fn start_with<H, F>(handler: H, protocols: &[&str]) -> (Server, CertificateDer<'static>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<BoxBody>> + Send + 'static,
{
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a configuration");
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let tls = TlsAcceptor::from(Arc::new(config));
    (Server::with_tls(handler, Some(tls)).await, certificate)
}

async fn version(request: Request<Incoming>) -> Response<BoxBody> {
    let http2 = request.version() == Version::HTTP_2;
    assert_eq!(http2, request.uri().authority().is_some());
    answer(if http2 { "2" } else { "1" })
}

fn egress(certificates: Vec<CertificateDer<'static>>) -> Egress {
    let allow = vec!["127.0.0.0/8".to_owned(), "::1".to_owned()];
    let config = EgressConfig { allow, certificates, ..EgressConfig::default() };
    Egress::new(config).expect("a policy")
}

#[tokio::test]
async fn the_newest_common_protocol_is_spoken() {
    for (protocols, expected) in
        [(&["h2", "http/1.1"][..], "2"), (&["http/1.1"][..], "1"), (&[][..], "1")]
    {
        let (server, certificate) = start(protocols).await;
        let egress = egress(vec![certificate]);
        let url = format!("https://localhost:{}/", server.address.port());
        for _ in 0..3 {
            let response = fetch(&egress, get(&url)).await.expect("a response");
            assert_eq!(text(response.into_body()).await.as_deref(), Ok(expected));
            tokio::task::yield_now().await;
        }
        assert_eq!(server.connections(), 1, "{protocols:?}");
    }
}

#[tokio::test]
async fn one_http2_connection_carries_requests_side_by_side() {
    let (server, certificate) = start(&["h2"]).await;
    let egress = egress(vec![certificate]);
    let url = format!("https://localhost:{}/", server.address.port());
    assert!(fetch(&egress, get(&url)).await.is_ok());
    let asked = (0..20).map(|_| fetch(&egress, get(&url)));
    for response in futures_util::future::join_all(asked).await {
        assert_eq!(text(response.expect("a response").into_body()).await.as_deref(), Ok("2"));
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_name_the_host() {
    let (server, certificate) = start(&["h2"]).await;
    let port = server.address.port();
    let strict = fetch(&egress(Vec::new()), get(&format!("https://localhost:{port}/"))).await;
    assert!(matches!(strict, Err(SubrequestError::Network(why)) if why.contains("TLS")));
    let egress = egress(vec![certificate]);
    let named = fetch(&egress, get(&format!("https://127.0.0.1:{port}/"))).await;
    assert!(matches!(named, Err(SubrequestError::Network(why)) if why.contains("TLS")));
}

/// Does its part of the handshake (RFC 6455 §4.2.2), and says whose the protocol was.
async fn switch(request: Request<Incoming>) -> Response<BoxBody> {
    assert_eq!(request.version(), Version::HTTP_11);
    let key = request.headers()["sec-websocket-key"].as_bytes();
    let response = Response::builder()
        .status(101)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-accept", derive_accept_key(key))
        .header("sec-websocket-protocol", "p");
    response.body(full("")).expect("a response")
}

#[tokio::test]
async fn a_websocket_is_opened_over_tls() {
    // A server that would rather speak HTTP/2 is asked for what can switch.
    let (server, certificate) = start_with(switch, &["h2", "http/1.1"]).await;
    let port = server.address.port();
    let open = async |egress: &Egress, host: &str| {
        let request = Request::get(format!("https://{host}:{port}/"))
            .header("sec-websocket-protocol", "p, q")
            .body(full(""))
            .expect("a request");
        let request = Subrequest { redirect: RedirectMode::Manual, request };
        egress.connect(tenant("alice"), request).await
    };
    let trusting = egress(vec![certificate]);
    match open(&trusting, "localhost").await {
        Ok(Connected::Open(head, _)) => assert_eq!(head.headers()["sec-websocket-protocol"], "p"),
        Ok(Connected::Refused(response)) => panic!("{}", response.status()),
        Err(error) => panic!("{error}"),
    }
    for (egress, host) in [(&egress(Vec::new()), "localhost"), (&trusting, "127.0.0.1")] {
        let refused = open(egress, host).await;
        assert!(matches!(refused, Err(SubrequestError::Network(why)) if why.contains("TLS")));
    }
}
