use async_compression::tokio::bufread as encoders;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{Request, Response};
use hyper::body::Incoming;
use insula_gateway::Egress;
use insula_supervisor::{BoxBody, SubrequestError};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::server::{PATIENCE, Server, answer, fetch, full, get, streamed, tenant, text};

/// Brotli decoders of one tenant, and of all, as SECURITY.md promises.
const WINDOWS: usize = 8;
const ALL_WINDOWS: usize = 32;

async fn read(mut encoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut encoded = Vec::new();
    encoder.read_to_end(&mut encoded).await.expect("an encoding");
    encoded
}

async fn gzip(content: &[u8]) -> Vec<u8> {
    read(encoders::GzipEncoder::new(content)).await
}

async fn brotli(content: &[u8]) -> Vec<u8> {
    read(encoders::BrotliEncoder::new(content)).await
}

fn coded(coding: &str, body: BoxBody) -> Response<BoxBody> {
    let response = Response::builder().header(CONTENT_ENCODING, coding);
    response.body(body).expect("a response")
}

/// What comes of a body that starts with `start` and goes on with `more` for ever.
async fn outcome(coding: &'static str, start: Vec<u8>, more: Vec<u8>) -> Result<String, String> {
    let (start, more) = (Bytes::from(start), Bytes::from(more));
    let server = Server::start(move |_| {
        let more = more.clone();
        let pieces = stream::iter([start.clone()])
            .filter(|start| std::future::ready(!start.is_empty()))
            .chain(stream::repeat_with(move || more.clone()));
        std::future::ready(coded(coding, streamed(pieces.map(Ok))))
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    text(response.into_body()).await
}

#[tokio::test]
async fn an_endless_body_that_stands_for_nothing_is_an_error() {
    let member = gzip(b"").await;
    let members = member.repeat(1 << 10);
    // RFC 1951 §3.2.4: a stored block of no bytes, not the last.
    let stored = [0, 0, 0, 0xff, 0xff].repeat(1 << 10);
    // RFC 7932 §9.2: a window of 64 KiB, then meta-blocks of no metadata.
    let (metadata_first, metadata) = (vec![0b0000_1100], vec![0b0000_0110; 1 << 10]);
    let twice = gzip(&member.repeat(1 << 16)).await;
    for (coding, start, more) in [
        ("gzip", Vec::new(), members),
        ("deflate", vec![0x78, 0x9c], stored.clone()),
        ("deflate", Vec::new(), stored),
        ("br", metadata_first, metadata),
        ("gzip, gzip", Vec::new(), twice),
    ] {
        let error = outcome(coding, start, more).await.expect_err(coding);
        assert!(error.contains("honest"), "{coding}: {error}");
    }
}

#[tokio::test]
async fn a_few_bytes_that_stand_for_gigabytes_of_nothing_are_an_error() {
    let nothing = gzip(b"").await.repeat(1 << 20);
    let bomb = Bytes::from(brotli(&nothing).await);
    let length = bomb.len();
    assert!(length < 64 << 10, "{length}");
    let server = Server::start(move |_| {
        let body = full(bomb.clone());
        std::future::ready(coded("gzip, br", body))
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    let error = text(response.into_body()).await.expect_err("nothing is not honest");
    assert!(error.contains("honest"), "{error}");
}

#[tokio::test]
async fn a_window_above_the_standard_is_an_error() {
    // draft-vandevenne-shared-brotli-format §3.1: 1 GiB, and an empty last meta-block.
    let server = Server::start(async |_| coded("br", full(vec![0x11, 0b1101_1110]))).await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    let error = text(response.into_body()).await.expect_err("the window is too large");
    assert!(error.contains("RFC 7932"), "{error}");
}

/// Brotli for those who accept it or ask for `/brotli`, of a body that does not end; an empty body
/// for others. Says what they accept.
async fn server_of_brotli() -> Server {
    Server::start(async |request: Request<Incoming>| {
        let accepted = request.headers()[ACCEPT_ENCODING].clone();
        let accepts = accepted.to_str().is_ok_and(|codings| codings.contains("br"));
        let mut response = if accepts || request.uri().path() == "/brotli" {
            coded("br", streamed(stream::pending()))
        } else {
            answer("")
        };
        response.headers_mut().insert("x-accepted", accepted);
        response
    })
    .await
}

/// Which content codings the server was told.
fn accepted(response: &Response<BoxBody>) -> &str {
    response.headers()["x-accepted"].to_str().expect("text")
}

async fn fetch_for(
    egress: &Egress,
    name: &str,
    url: &str,
) -> Result<Response<BoxBody>, SubrequestError> {
    let fetched = egress.fetch(tenant(name), get(url));
    tokio::time::timeout(PATIENCE, fetched).await.expect("an outcome in time")
}

/// Opens `count` responses in brotli, which nobody reads.
async fn hold(egress: &Egress, name: &str, url: &str, count: usize) -> Vec<Response<BoxBody>> {
    let mut held = Vec::new();
    for _ in 0..count {
        let response = fetch_for(egress, name, url).await.expect("a response");
        assert_eq!(accepted(&response), "gzip, deflate, br");
        held.push(response);
    }
    held
}

#[tokio::test]
async fn who_has_all_its_windows_open_is_served_without() {
    let server = server_of_brotli().await;
    let (egress, url) = (server.egress(), server.url("/"));
    let mut held = hold(&egress, "alice", &url, WINDOWS).await;
    let without = fetch_for(&egress, "alice", &url).await.expect("a response");
    assert_eq!(accepted(&without), "gzip, deflate");
    // Another tenant is not concerned.
    let _others = hold(&egress, "bob", &url, 1).await;
    drop(held.pop());
    held.extend(hold(&egress, "alice", &url, 1).await);
    // A server that does not care what is accepted.
    let refused = fetch_for(&egress, "alice", &server.url("/brotli")).await;
    assert!(matches!(refused, Err(SubrequestError::Network(why)) if why.contains("brotli")));
}

#[tokio::test]
async fn all_tenants_together_have_so_many_windows() {
    let server = server_of_brotli().await;
    let (egress, url) = (server.egress(), server.url("/"));
    let mut held = Vec::new();
    for n in 0..ALL_WINDOWS / WINDOWS {
        held.push(hold(&egress, &format!("tenant-{n}"), &url, WINDOWS).await);
    }
    let without = fetch_for(&egress, "last", &url).await.expect("a response");
    assert_eq!(accepted(&without), "gzip, deflate");
    drop(held.pop());
    hold(&egress, "last", &url, WINDOWS).await;
}
