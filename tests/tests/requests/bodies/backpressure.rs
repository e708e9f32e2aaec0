use insula_tests::{App, Server, get};

/// More than all buffers on the way together.
const MUCH: u64 = 64 << 20;
/// What buffers, allocators and the engine may take.
const ROOM: u64 = 40 << 20;

#[tokio::test]
async fn a_client_that_stops_reading_stops_the_source() {
    let server = Server::start().await;
    let app = App::handler(
        "(request) => {
                const path = new URL(request.url).pathname;
                if (path === '/pulls') return new Response(String(globalThis.pulls));
                globalThis.pulls = 0;
                return new Response(new ReadableStream({
                    pull(controller) {
                        globalThis.pulls += 1;
                        if (globalThis.pulls * 65536 > 67108864) controller.close();
                        else controller.enqueue(new Uint8Array(65536).fill(97));
                    },
                }));
            }",
    );
    server.deploy_with("alice", &app, &["--cpu-ms", "20000"]).await;
    server.get("alice", "/pulls").await;
    let before = memory(&server);
    let mut connection = server.connect().await;
    let mut exchange = connection.open(get("alice", "/much")).await;
    assert_eq!(exchange.status, 200);
    // Nothing reads; the source comes to rest.
    let rest = settled(&server).await;
    assert!(rest * 65_536 < MUCH / 2, "{rest} pieces were made for a client that reads none");
    let growth = memory(&server).saturating_sub(before);
    assert!(growth < ROOM, "{growth} bytes for a client that does not read");
    // Reading sets it going again, to the end.
    let mut total = 0;
    while let Some(piece) = exchange.piece().await {
        total += piece.len() as u64;
    }
    assert_eq!(total, MUCH);
}

#[tokio::test]
async fn a_handler_that_stops_reading_stops_the_client() {
    let server = Server::start().await;
    server
        .handler("alice", "async (request) => { if (request.method === 'GET') return new Response('here'); const reader = request.body.getReader(); await reader.read(); console.log('read once'); await new Promise((r) => setTimeout(r, 600000)) }")
        .await;
    server.get("alice", "/").await;
    let before = memory(&server);
    let mut client = server.raw().await;
    client
        .send(format!("POST / HTTP/1.1\r\nhost: alice.localhost\r\ncontent-length: {MUCH}\r\n\r\n"))
        .await;
    let filled = client.fills_up(&[0; 65_536], MUCH as usize, 1500).await;
    assert!(filled, "the server took {MUCH} bytes that nobody reads");
    let growth = memory(&server).saturating_sub(before);
    assert!(growth < ROOM, "{growth} bytes for a handler that does not read");
    server.get("alice", "/").await.assert_ok("here");
}

/// The number of pulls once it has stopped to grow.
async fn settled(server: &Server) -> u64 {
    let mut last = (0, 0);
    insula_tests::eventually("the source to come to rest", async || {
        let pulls = server.get("alice", "/pulls").await.text().parse().expect("a number");
        last = if last.0 == pulls { (pulls, last.1 + 1) } else { (pulls, 0) };
        (last.1 == 20).then_some(pulls)
    })
    .await
}

fn memory(server: &Server) -> u64 {
    let cordons: u64 = server.cordons().iter().map(|cordon| cordon.resident_bytes()).sum();
    cordons + server.process().resident_bytes()
}
