//! Where HTTP has no body, or a length of its own.

use http::Request;
use insula_tests::{Server, empty, get, host};

async fn server() -> Server {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request) => {
                switch (new URL(request.url).pathname) {
                    case '/204': return new Response(null, { status: 204 });
                    case '/304': return new Response(null, { status: 304, headers: { etag: '\"x\"' } });
                    case '/null': return new Response(null);
                    case '/empty': return new Response('');
                    case '/lie': return new Response('four', { headers: { 'content-length': '400', 'transfer-encoding': 'chunked', connection: 'close' } });
                    case '/stream': return new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('streamed')); c.close() } }));
                    default: return new Response('text', { headers: { 'x-method': request.method } });
                }
            }",
        )
        .await;
    server
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let server = server().await;
    let mut connection = server.connect().await;
    for path in ["/text", "/stream", "/empty"] {
        let request = Request::head(path).header("host", host("alice")).body(empty()).unwrap();
        let answer = connection.send(request).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}: {answer:?}");
    }
    let request = Request::head("/text").header("host", host("alice")).body(empty()).unwrap();
    let answer = connection.send(request).await;
    assert_eq!((answer.header("x-method"), answer.header("content-length")), ("HEAD", "4"));
    // The connection is in step still.
    connection.send(get("alice", "/text")).await.assert_ok("text");
}

#[tokio::test]
async fn statuses_without_content_have_none() {
    let server = server().await;
    let mut connection = server.connect().await;
    for status in [204, 304] {
        let answer = connection.send(get("alice", &format!("/{status}"))).await;
        assert_eq!((answer.status, answer.body.len()), (status, 0));
        assert_eq!((answer.header("content-length"), answer.header("transfer-encoding")), ("", ""));
    }
    assert_eq!(connection.send(get("alice", "/304")).await.header("etag"), "\"x\"");
    connection.send(get("alice", "/text")).await.assert_ok("text");
}

#[tokio::test]
async fn an_empty_body_has_length_zero() {
    let server = server().await;
    for path in ["/null", "/empty"] {
        let answer = server.get("alice", path).await;
        assert_eq!((answer.status, answer.header("content-length")), (200, "0"), "{path}");
    }
}

#[tokio::test]
async fn a_tenants_claims_about_framing_are_not_believed() {
    let server = server().await;
    let mut connection = server.connect().await;
    let answer = connection.send(get("alice", "/lie")).await;
    answer.assert_ok("four");
    assert_eq!((answer.header("content-length"), answer.header("transfer-encoding")), ("4", ""));
    connection.send(get("alice", "/text")).await.assert_ok("text");
}
