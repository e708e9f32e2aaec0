use async_compression::tokio::bufread::GzipEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{Request, Response};
use hyper::body::Incoming;
use insula_supervisor::BoxBody;
use tokio::io::AsyncReadExt;

use crate::server::{Server, answer, fetch, following, full, get, text};

/// Says which header fields arrived, but for those that hold a port.
async fn mirror(request: Request<Incoming>) -> Response<BoxBody> {
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}={}", value.to_str().expect("text")))
        .collect();
    lines.sort();
    answer(lines.join("\n"))
}

async fn zipped(request: Request<Incoming>) -> Response<BoxBody> {
    let accepts = request.headers().get(ACCEPT_ENCODING).map(|v| v.to_str().expect("text"));
    if !accepts.is_some_and(|codings| codings.contains("gzip")) {
        return answer("plain");
    }
    let mut bytes = Vec::new();
    let mut encoder = GzipEncoder::new(&b"zipped"[..]);
    encoder.read_to_end(&mut bytes).await.expect("an encoding");
    Response::builder().header(CONTENT_ENCODING, "gzip").body(full(bytes)).expect("a response")
}

#[tokio::test]
async fn a_request_carries_what_the_tenant_may_say() {
    let server = Server::start(mirror).await;
    let request = Request::post(server.url("/"))
        .header("x-mine", "1")
        .header("host", "other.example")
        .header("connection", "x-named, close")
        .header("x-named", "1")
        .header("transfer-encoding", "gzip")
        .header("upgrade", "h2c")
        .header("expect", "100-continue")
        .header("content-length", "999")
        .header("proxy-authorization", "Basic eA==")
        .body(full("body"))
        .expect("a request");
    let response = fetch(&server.egress(), following(request)).await.expect("a response");
    let expected = format!(
        "accept-encoding=gzip, deflate, br\naccept=*/*\ncontent-length=4\nhost={}\nx-mine=1",
        server.address
    );
    assert_eq!(text(response.into_body()).await, Ok(expected));
}

#[tokio::test]
async fn an_empty_body_is_announced() {
    let server = Server::start(mirror).await;
    for (method, announced) in [("POST", true), ("PUT", true), ("GET", false), ("DELETE", false)] {
        let request = Request::builder().method(method).uri(server.url("/"));
        let request = following(request.body(full("")).expect("a request"));
        let response = fetch(&server.egress(), request).await.expect("a response");
        let fields = text(response.into_body()).await.expect("text");
        assert_eq!(fields.contains("content-length=0"), announced, "{method}: {fields}");
        assert!(!fields.contains("transfer-encoding"), "{method}: {fields}");
    }
}

#[tokio::test]
async fn a_response_keeps_its_fields_but_the_connections() {
    let server = Server::start(async |_| {
        let response = Response::builder().status(418).header("X-Mine", "1").header("x-mine", "2");
        let response = response.header("connection", "x-named").header("x-named", "1");
        response.body(full("tea")).expect("a response")
    })
    .await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers().get_all("x-mine").iter().count(), 2);
    assert!(!response.headers().contains_key("connection"));
    assert!(!response.headers().contains_key("x-named"));
    assert_eq!(text(response.into_body()).await.as_deref(), Ok("tea"));
}

#[tokio::test]
async fn content_codings_are_decoded_for_those_who_did_not_ask() {
    let server = Server::start(zipped).await;
    let response = fetch(&server.egress(), get(&server.url("/"))).await.expect("a response");
    assert!(!response.headers().contains_key(CONTENT_ENCODING));
    assert!(!response.headers().contains_key(CONTENT_LENGTH));
    assert_eq!(text(response.into_body()).await.as_deref(), Ok("zipped"));
}

#[tokio::test]
async fn content_codings_are_left_to_those_who_asked() {
    let server = Server::start(zipped).await;
    for (field, value, coded) in [
        ("accept-encoding", "gzip", true),
        ("accept-encoding", "br", false),
        ("range", "bytes=0-", false),
    ] {
        let request = Request::get(server.url("/")).header(field, value);
        let request = following(request.body(full("")).expect("a request"));
        let response = fetch(&server.egress(), request).await.expect("a response");
        assert_eq!(response.headers().contains_key(CONTENT_ENCODING), coded, "{field}: {value}");
        let body = text(response.into_body()).await;
        assert_eq!(body.as_deref() == Ok("plain"), !coded);
    }
}

#[tokio::test]
async fn a_response_to_head_keeps_its_coding_and_has_no_body() {
    let server = Server::start(zipped).await;
    let request = Request::head(server.url("/")).body(full("")).expect("a request");
    let response = fetch(&server.egress(), following(request)).await.expect("a response");
    assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(text(response.into_body()).await.as_deref(), Ok(""));
}

#[tokio::test]
async fn methods_that_fetch_forbids_are_not_sent() {
    let server = Server::start(mirror).await;
    for method in ["CONNECT", "TRACE", "TRACK"] {
        let request = Request::builder().method(method).uri(server.url("/"));
        let request = following(request.body(full("")).expect("a request"));
        assert!(fetch(&server.egress(), request).await.is_err(), "{method}");
    }
    assert_eq!(server.connections(), 0);
}
