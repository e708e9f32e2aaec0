use http::Request;
use insula_tests::{Connection, Raw, Server, empty};

/// More than the admin listener takes at once.
const MANY: usize = 600;

/// Connections of strangers to the admin listener, each with a part of a request.
async fn strangers(server: &Server) -> Vec<Raw> {
    let part = b"POST /v1/tenants/a/rollback HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{";
    let mut strangers = Vec::new();
    for i in 0..MANY {
        let mut raw = Raw::connect(server.admin()).await;
        raw.send(&part[..[0, 9, part.len()][i % 3]]).await;
        strangers.push(raw);
    }
    strangers
}

#[tokio::test]
async fn strangers_at_the_admin_listener_keep_nobody_out() {
    let server = Server::start().await;
    server.handler("alice", "() => { console.log('asked'); return new Response('here'); }").await;
    let mut tail = server.tail("alice");
    server.get("alice", "/before").await.assert_ok("here");
    tail.outcome("/before").await;

    let before = server.process().descriptors().len();
    let strangers = strangers(&server).await;
    let token = std::fs::read_to_string(server.data().join("admin-token")).unwrap();
    let request = Request::get("/v1/tenants")
        .header("host", server.admin().to_string())
        .header("authorization", format!("Bearer {}", token.trim()));
    let mut operator = Connection::http1(server.admin()).await;
    let answer = operator.send(request.body(empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let taken = server.process().descriptors().len().saturating_sub(before);
    assert!(taken < MANY / 2 + 100, "{taken} descriptors for {MANY} connections");

    // Who listens is no stranger, although the connection is older than all of theirs.
    server.get("alice", "/after").await.assert_ok("here");
    tail.outcome("/after").await;
    assert!(server.log().contains("the admin listener is crowded"));
    drop(strangers);
}
