use http::Request;
use insula_tests::{Server, get, host, streaming};

const WATCHES: &str = "async (request) => {
    const path = new URL(request.url).pathname;
    if (path === '/fine') return new Response('fine');
    request.signal.addEventListener('abort', () => console.log('aborted', path, request.signal.reason?.name));
    console.log('begun', path);
    if (path === '/read') { try { await request.text() } catch (error) { console.log('read failed', error.name) } }
    if (path === '/stream') return new Response(new ReadableStream({
        start(c) { c.enqueue(new TextEncoder().encode('first')) },
        cancel() { console.log('cancelled', path) },
        pull: () => new Promise((done) => setTimeout(done, 600000)),
    }));
    await new Promise((done) => setTimeout(done, 600000));
}";

async fn server() -> Server {
    let server = Server::start().await;
    server.handler("alice", WATCHES).await;
    server
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer() {
    let server = server().await;
    let mut tail = server.tail("alice");
    let mut connection = server.connect().await;
    let asking = tokio::spawn(async move { connection.try_send(get("alice", "/wait")).await });
    tail.wait_for_text("begun /wait").await;
    asking.abort();
    tail.wait_for_text("aborted /wait AbortError").await;
    server.get("alice", "/fine").await.assert_ok("fine");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_the_answer() {
    let server = server().await;
    let mut tail = server.tail("alice");
    let mut connection = server.connect().await;
    let mut exchange = connection.open(get("alice", "/stream")).await;
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"first"[..]));
    drop((exchange, connection));
    let mut seen = (false, false);
    while seen != (true, true) {
        let event = tail.wait_for("the abort and the cancel", |event| event["type"] == "log").await;
        seen.0 |= event["text"] == "aborted /stream AbortError";
        seen.1 |= event["text"] == "cancelled /stream";
    }
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_of_its_request() {
    let server = server().await;
    let mut tail = server.tail("alice");
    let (sender, body) = streaming();
    let request = Request::post("/read").header("host", host("alice")).body(body).unwrap();
    let mut connection = server.connect().await;
    let asking = tokio::spawn(async move { connection.try_send(request).await });
    sender.send("some".into()).await.unwrap();
    tail.wait_for_text("begun /read").await;
    asking.abort();
    tail.wait_for_text("aborted /read").await;
    let outcome = tail.outcome("/read").await;
    assert_eq!(outcome["error"]["blame"], "client", "{outcome}");
    server.get("alice", "/fine").await.assert_ok("fine");
}

#[tokio::test]
async fn one_stream_of_a_http2_connection() {
    let server = server().await;
    let mut tail = server.tail("alice");
    let mut connection = insula_tests::Connection::http2(server.listen()).await;
    let url = "http://alice.localhost/stream";
    let request = Request::get(url).body(insula_tests::empty()).unwrap();
    let mut exchange = connection.open(request).await;
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"first"[..]));
    drop(exchange);
    tail.wait_for_text("aborted /stream AbortError").await;
    let request = Request::get("http://alice.localhost/fine").body(insula_tests::empty()).unwrap();
    connection.send(request).await.assert_ok("fine");
}
