use futures_util::future::join_all;
use insula_tests::{App, eventually};

use super::{Client, ECHO, server, server_with, serving};

#[tokio::test]
async fn leave_their_places_to_requests() {
    let config = "[limits]\nconcurrency = 1\nmax_isolates = 1\nqueue = 1\n";
    let server = server_with(ECHO, config).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(Client::open(&server, "/").await);
    }
    server.get("alice", "/").await.assert_ok("no upgrade: /");
    for client in &mut clients {
        client.send("x").await;
        assert_eq!(client.text().await, "x");
    }
}

#[tokio::test]
async fn so_many_may_be_open() {
    let server = server_with(ECHO, "[limits]\nwebsockets = 2\n").await;
    let one = Client::open(&server, "/").await;
    let _other = Client::open(&server, "/").await;
    let refused = Client::try_open(&server, "/", &[]).await.err().expect("too many").to_string();
    assert!(refused.contains("503"), "{refused}");
    server.get("alice", "/").await.assert_ok("no upgrade: /");
    drop(one);
    eventually("a place to be free", async || {
        Client::try_open(&server, "/", &[]).await.ok().map(drop)
    })
    .await;
}

#[tokio::test]
async fn each_message_has_a_requests_time() {
    let spin = "(ws) => { ws.onmessage = (e) => { for (let i = 0, x = 0; i < Number(e.data); i++) x += Math.sqrt(i); ws.send('done'); }; }";
    let server = server_with(spin, "[limits]\ncpu_ms = 400\ncpu_soft_percent = 100\n").await;
    let mut tail = server.tail("alice");
    let mut client = Client::open(&server, "/long").await;
    for _ in 0..100 {
        client.send("10000000").await;
        assert_eq!(client.text().await, "done");
    }
    client.send("1e13").await;
    assert_eq!(client.closed().await.0, 1011);
    let outcome = tail.outcome("/long").await;
    // The last message alone took 400 ms; what the others took together would have ended one request too.
    assert!(outcome["cpu_us"].as_u64().is_some_and(|us| us > 800_000), "{outcome}");
}

#[tokio::test]
async fn a_new_version_says_goodbye_to_those_of_the_old_one() {
    let old = App::module(&format!(
        "const open = new Set();
        addEventListener('beforeunload', (e) => e.waitUntil((async () => {{ for (const ws of open) ws.send('so long'); }})()));
        {}",
        std::fs::read_to_string(
            serving("(ws) => { open.add(ws); ws.onclose = (e) => console.log('closed', e.code); }").path()
        )
        .expect("its source")
    ));
    let server = server(ECHO).await;
    server.deploy("alice", &old).await;
    let mut tail = server.tail("alice");
    let mut clients = vec![Client::open(&server, "/").await, Client::open(&server, "/").await];
    server.handler("alice", "() => new Response('new')").await;
    for client in &mut clients {
        assert_eq!(client.text().await, "so long");
        assert_eq!(client.closed().await.0, 1001);
        tail.wait_for_text("closed 1001").await;
    }
    server.get("alice", "/").await.assert_ok("new");
}

#[tokio::test]
async fn the_end_of_the_server_closes_them() {
    let server = server(ECHO).await;
    let mut client = Client::open(&server, "/").await;
    let (_stopped, (code, _)) = tokio::join!(server.end(), client.closed());
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn the_end_of_the_server_is_told_to_every_client() {
    let server = server(ECHO).await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(Client::open(&server, "/").await);
    }
    let goodbyes = join_all(clients.iter_mut().map(async |client| client.closed().await.0));
    let (_stopped, codes) = tokio::join!(server.end(), goodbyes);
    assert_eq!(codes, [1001; 200]);
}

#[tokio::test]
async fn an_isolate_for_one_request_lives_as_long_as_its_websocket() {
    for reuse in ["oneshot", "sequential"] {
        let server = server_with(ECHO, &format!("[limits]\nreuse = \"{reuse}\"\n")).await;
        let mut client = Client::open(&server, "/").await;
        client.send("one").await;
        assert_eq!(client.text().await, "one");
        server.handler("alice", "() => new Response('new')").await;
        assert_eq!(client.closed().await.0, 1001, "{reuse}");
    }
}

#[tokio::test]
async fn who_says_nothing_is_asked_and_given_up() {
    let telling = "(ws) => { ws.onclose = (e) => console.log('closed', e.code, e.reason); }";
    let config = "[limits]\nwebsocket_ping_ms = 200\nwebsocket_idle_ms = 3000\n";
    let server = server_with(telling, config).await;
    let mut tail = server.tail("alice");
    // This one does not answer, since nobody reads for it.
    let deaf = Client::open(&server, "/").await;
    tail.wait_for_text("closed 1006").await;
    drop(deaf);
    // This one answers pings, and is told in the end that nothing comes of it.
    let mut client = Client::open(&server, "/").await;
    let (code, reason) = client.closed().await;
    assert_eq!((code, reason.as_str()), (1001, "no message for too long"));
}

#[tokio::test]
async fn a_deleted_tenants_end() {
    let server = server(ECHO).await;
    let mut client = Client::open(&server, "/").await;
    server.insula(&["delete", "alice"]).await.succeeded();
    assert_eq!(client.closed().await.0, 1001);
}
