mod apart;
mod eviction;
mod growth;
mod recycling;
mod starts;
mod unload;

use insula_tests::{Command, Server, get, streaming};

#[tokio::test]
async fn sigterm_finishes_requests_in_flight() {
    let mut server = Server::start().await;
    server
        .handler(
            "alice",
            "async (request) => {
                console.log('begun');
                await request.text();
                await new Promise((done) => setTimeout(done, 100));
                return new Response('finished');
            }",
        )
        .await;
    let mut connection = server.connect().await;
    let (sender, body) = streaming();
    let request = http::Request::post("/").header("host", "alice.localhost").body(body).unwrap();
    let asking = tokio::spawn(async move { connection.send(request).await });
    sender.send("some".into()).await.unwrap();
    server.tail("alice").wait_for_text("begun").await;
    let cordons = server.cordons();
    server.process().terminate();
    // The door closes while the request is still open.
    let listen = server.listen();
    insula_tests::eventually("the listener to close", async || {
        tokio::net::TcpStream::connect(listen).await.is_err().then_some(())
    })
    .await;
    drop(sender);
    asking.await.unwrap().assert_ok("finished");
    let status = server.ended().await;
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(!server.data().join("run.json").exists());
    assert!(cordons.iter().all(|cordon| !cordon.is_alive()), "a cordon outlived its server");
}

#[tokio::test]
async fn sigterm_ends_idle_connections_and_tails() {
    let mut server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    let mut idle = server.connect().await;
    idle.send(get("alice", "/")).await.assert_ok("here");
    let mut tail = server.tail("alice");
    tail.outcome("/").await;
    server.process().terminate();
    tail.end().await;
    assert_eq!(server.ended().await.code(), Some(0));
    assert!(idle.try_send(get("alice", "/")).await.is_err());
}

#[tokio::test]
async fn two_servers_cannot_share_a_data_folder() {
    let server = Server::start().await;
    let data = server.data();
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"];
    let args = args.into_iter().chain([data.to_str().unwrap()]);
    let shown = Command::insula(args).run().await.failed(1);
    assert!(shown.contains(data.to_str().unwrap()), "{shown}");
    assert!(data.join("run.json").exists(), "the first server's file is gone");
}
