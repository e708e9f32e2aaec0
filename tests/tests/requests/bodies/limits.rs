use bytes::Bytes;
use http::Request;
use insula_tests::{Options, Server, eventually, get, host, streaming};

const LIMIT: usize = 100_000;

async fn server() -> Server {
    let server = Server::with(Options::config(format!("[limits]\nbody_bytes = {LIMIT}\n"))).await;
    server
        .handler(
            "alice",
            "async (request) => {
                const size = new URL(request.url).searchParams.get('size');
                if (size) return new Response(new ReadableStream({
                    left: Number(size),
                    pull(c) { if (this.left <= 0) return c.close(); const n = Math.min(this.left, 7000); this.left -= n; c.enqueue(new Uint8Array(n)) },
                }));
                return new Response(String((await request.arrayBuffer()).byteLength));
            }",
        )
        .await;
    server
}

#[tokio::test]
async fn a_request_body_with_a_length_above_the_limit_is_413() {
    let server = server().await;
    server.post("alice", "/", vec![0; LIMIT]).await.assert_ok("100000");
    server.post("alice", "/", vec![0; LIMIT + 1]).await.assert_error(413, "payload-too-large");
    server.post("alice", "/", vec![0; LIMIT]).await.assert_ok("100000");
}

#[tokio::test]
async fn a_request_body_that_grows_above_the_limit_is_413() {
    let server = server().await;
    let (sender, body) = streaming();
    let request = Request::post("/").header("host", host("alice")).body(body).unwrap();
    let sending = tokio::spawn(async move {
        for _ in 0..11 {
            if sender.send(Bytes::from(vec![0; 10_000])).await.is_err() {
                return;
            }
        }
    });
    let answer = server.send(request).await;
    answer.assert_error(413, "payload-too-large");
    sending.await.unwrap();
}

#[tokio::test]
async fn a_response_body_above_the_limit_breaks_off() {
    let server = server().await;
    let mut connection = server.connect().await;
    assert_eq!(connection.send(get("alice", "/?size=100000")).await.body.len(), LIMIT);
    let answer = connection.try_send(get("alice", "/?size=100001")).await;
    assert!(answer.is_err(), "a cut body must not look whole");
    server.get("alice", "/?size=5").await.assert_ok("\0\0\0\0\0");
}

#[tokio::test]
async fn a_length_that_is_only_claimed_costs_no_memory() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "async (request) => { await request.arrayBuffer(); return new Response('') }",
        )
        .await;
    server.get("alice", "/").await;
    let before = server.process().resident_bytes();
    let mut clients = Vec::new();
    for _ in 0..50 {
        let mut client = server.raw().await;
        client
            .send(
                "POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: 104857600\r\n\r\nabc",
            )
            .await;
        clients.push(client);
    }
    server.get("alice", "/").await;
    let growth = server.process().resident_bytes().saturating_sub(before);
    assert!(growth < 64 << 20, "{growth} bytes for 50 claims");
    drop(clients);
    eventually("the server to answer still", async || {
        (server.get("alice", "/").await.status == 200).then_some(())
    })
    .await;
}
