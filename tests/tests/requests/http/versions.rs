use futures_util::future::join_all;
use http::Request;
use insula_tests::{Connection, Server, empty, whole};

#[tokio::test]
async fn http2_without_tls_with_many_streams() {
    let server = Server::start().await;
    for tenant in ["alice", "bob"] {
        server.handler(tenant, &format!("async (request) => new Response('{tenant} ' + new URL(request.url).search + await request.text())")).await;
    }
    let mut connection = Connection::http2(server.listen()).await;
    for number in 0..50 {
        let tenant = ["alice", "bob"][number % 2];
        let url = format!("http://{tenant}.localhost/?{number}");
        let request = Request::post(url).body(whole("!")).unwrap();
        connection.send(request).await.assert_ok(&format!("{tenant} ?{number}!"));
    }
    let request = Request::get("http://nobody.localhost/").body(empty()).unwrap();
    connection.send(request).await.assert_error(404, "no-such-tenant");
}

#[tokio::test]
async fn http1_requests_in_a_row_without_waiting() {
    let server = Server::start().await;
    server.handler("alice", "(request) => new Response(new URL(request.url).pathname)").await;
    let mut client = server.raw().await;
    let requests: String = (0..20)
        .map(|n| {
            format!(
                "GET /p{n}. HTTP/1.1\r\nhost: alice.localhost\r\n{}\r\n",
                if n == 19 { "connection: close\r\n" } else { "" }
            )
        })
        .collect();
    client.send(requests).await;
    let answers = client.rest().await;
    let places: Vec<_> = (0..20).map(|n| answers.find(&format!("/p{n}."))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{answers}");
}

#[tokio::test]
async fn http1_without_keep_alive() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('old')); c.close() } }))").await;
    let mut client = server.raw().await;
    client.send("GET / HTTP/1.0\r\nhost: alice.localhost\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nold"), "{answer}");
}

#[tokio::test]
async fn many_connections_at_once() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    let asking = (0..200).map(async |_| server.get("alice", "/").await.assert_ok("here"));
    join_all(asking).await;
}
