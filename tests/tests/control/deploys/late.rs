use insula_tests::{App, Raw, Server, eventually};

use crate::metrics::{scrape, value};

/// A server whose `alice` has had her policy changed since a request was routed to her, whose body has yet to come.
async fn with_a_late_request() -> (Server, Raw) {
    let server = Server::start().await;
    let says = "async (request, env) => new Response(`old ${env.KEY} ${await request.text()}`)";
    server.handler("alice", says).await;
    server.get("alice", "/").await.assert_ok("old undefined ");
    let mut late = server.raw().await;
    let head = "POST / HTTP/1.1\r\nhost: alice.localhost\r\nexpect: 100-continue\r\n\
                content-length: 4\r\nconnection: close\r\n\r\n";
    late.send(head).await;
    // The body is asked for once it is known whom it is for.
    assert!(late.head().await.starts_with("HTTP/1.1 100 "));
    for wasm in ["on", "off"] {
        server.insula(&["policy", "set", "alice", "--wasm", wasm]).await.succeeded();
        server.get("alice", "/").await.assert_ok("old undefined ");
    }
    (server, late)
}

/// It is answered by the version that it was routed to.
async fn comes(mut late: Raw) {
    late.send("late").await;
    let answer = late.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\nold undefined late"), "{answer}");
}

async fn isolates(server: &Server, number: f64) {
    eventually("those isolates to go that nobody can reach", async || {
        (value(&scrape(server).await, "insula_isolates") == number).then_some(())
    })
    .await;
}

#[tokio::test]
async fn does_not_bring_a_deleted_tenant_back() {
    let (server, late) = with_a_late_request().await;
    server.insula(&["delete", "alice"]).await.succeeded();
    comes(late).await;
    isolates(&server, 0.0).await;
    assert!(!scrape(&server).await.contains("alice"));
}

#[tokio::test]
async fn does_not_bring_an_old_version_back() {
    let (server, late) = with_a_late_request().await;
    server.deploy("alice", &App::handler("() => new Response('new')")).await;
    server.get("alice", "/").await.assert_ok("new");
    comes(late).await;
    server.get("alice", "/").await.assert_ok("new");
    isolates(&server, 1.0).await;
}

#[tokio::test]
async fn does_not_bring_an_old_secret_back() {
    let (server, late) = with_a_late_request().await;
    server.command(&["secret", "put", "alice", "KEY"]).input(b"secret").run().await.succeeded();
    server.get("alice", "/").await.assert_ok("old secret ");
    comes(late).await;
    server.get("alice", "/").await.assert_ok("old secret ");
    isolates(&server, 1.0).await;
}

#[tokio::test]
async fn a_first_version_that_does_not_start_leaves_no_numbers() {
    let server = Server::start().await;
    server.try_deploy("alice", &App::module("throw new Error('no')"), &[]).await.failed(1);
    assert!(!scrape(&server).await.contains("alice"));
}
