use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use insula_tests::{App, Server, get};

#[tokio::test]
async fn deploys_fail_no_request_and_never_go_backwards() {
    let server = Server::start().await;
    let version = |number: u32| {
        App::handler(&format!(
            "async () => {{ await new Promise((r) => setTimeout(r, 3)); return new Response('{number}') }}"
        ))
    };
    server.deploy("alice", &version(0)).await;
    let over = AtomicBool::new(false);
    let clients = (0..4).map(async |_| {
        let mut connection = server.connect().await;
        let mut last = 0;
        while !over.load(Ordering::SeqCst) {
            let answer = connection.send(get("alice", "/")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let number: u32 = answer.text().parse().unwrap();
            assert!(number >= last, "version {number} after {last}");
            last = number;
        }
        last
    });
    let deploying = async {
        for number in 1..=8 {
            server.deploy("alice", &version(number)).await;
            // Acknowledged: from now on nobody gets an older one.
            server.get("alice", "/").await.assert_ok(&number.to_string());
        }
        over.store(true, Ordering::SeqCst);
    };
    let (last, ()) = futures_util::future::join(join_all(clients), deploying).await;
    assert!(last.iter().any(|last| *last > 0), "{last:?}");
}

#[tokio::test]
async fn requests_in_flight_finish_on_the_version_that_took_them() {
    let server = Server::start().await;
    server
        .handler("alice", "async (request) => { console.log('begun'); await request.text(); return new Response('old') }")
        .await;
    let (sender, body) = insula_tests::streaming();
    let request = http::Request::post("/").header("host", "alice.localhost").body(body).unwrap();
    let mut connection = server.connect().await;
    let asking = tokio::spawn(async move { connection.send(request).await });
    sender.send("x".into()).await.unwrap();
    server.tail("alice").wait_for_text("begun").await;
    server.handler("alice", "() => new Response('new')").await;
    server.get("alice", "/").await.assert_ok("new");
    drop(sender);
    asking.await.unwrap().assert_ok("old");
}
