use std::time::Duration;

use futures_util::SinkExt as _;
use futures_util::future::join_all;
use tokio_tungstenite::tungstenite::Message;

use super::{Client, server};

/// Bytes by which the server may grow meanwhile.
const GROWTH: u64 = 48 << 20;

#[tokio::test]
async fn a_slow_reader_makes_the_buffered_amount_grow_and_the_host_not() {
    let server = server(
        "(ws) => {
            const piece = new Uint8Array(1 << 20);
            ws.onmessage = () => {
                for (let i = 0; i < 24; i++) ws.send(piece);
                const look = () => {
                    if (ws.bufferedAmount > 0) return void setTimeout(look, 50);
                    console.log('drained');
                    ws.close();
                };
                setTimeout(() => { console.log('buffered', ws.bufferedAmount > (8 << 20)); look(); }, 500);
            };
        }",
    )
    .await;
    let mut tail = server.tail("alice");
    let before = server.process().resident_bytes();
    let mut client = Client::open(&server, "/").await;
    client.send("go").await;
    tail.wait_for_text("buffered true").await;
    let grown = server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    let mut read = 0;
    while let Some(Message::Binary(bytes)) = client.next().await {
        read += bytes.len();
    }
    assert_eq!(read, 24 << 20);
    tail.wait_for_text("drained").await;
}

#[tokio::test]
async fn a_reader_that_never_reads_is_cut_off() {
    let server = server(
        "(ws) => {
            ws.onerror = (e) => console.log(e.message);
            ws.onclose = (e) => console.log('closed', e.code);
            const piece = new Uint8Array(1 << 20);
            const flood = () => { for (let i = 0; i < 4 && ws.readyState === 1; i++) ws.send(piece); if (ws.readyState === 1) setTimeout(flood); };
            ws.onmessage = flood;
        }",
    )
    .await;
    let mut tail = server.tail("alice");
    let mut client = Client::open(&server, "/").await;
    client.send("go").await;
    tail.wait_for_text("does not take what it is sent").await;
    tail.wait_for_text("closed 1006").await;
    tail.outcome("/").await;
}

#[tokio::test]
async fn an_isolate_that_takes_nothing_slows_its_client() {
    // What nobody has accepted waits on the client's side.
    let app = insula_tests::App::handler(
        "() => {
            const [client, ws] = Object.values(new WebSocketPair());
            let bytes = 0;
            ws.onmessage = (e) => { bytes += e.data.byteLength ?? 0; if (typeof e.data === 'string') ws.send(String(bytes)); };
            globalThis.begin = () => ws.accept();
            if (globalThis.first) { globalThis.first(); return new Response('begun'); }
            globalThis.first = globalThis.begin;
            return new Response(null, { status: 101, webSocket: client });
        }",
    );
    let server = insula_tests::Server::start().await;
    server.deploy("alice", &app).await;
    let mut client = Client::open(&server, "/").await;
    let before = server.process().resident_bytes();
    let piece = vec![1; 1 << 20];
    let mut sent = 0_u64;
    loop {
        let sending = client.0.send(Message::Binary(piece.clone().into()));
        match tokio::time::timeout(Duration::from_secs(1), sending).await {
            Ok(gone) => gone.expect("it goes"),
            // It is on its way still.
            Err(_) => break,
        }
        sent += 1;
        assert!(sent < 200, "nothing slows it");
    }
    let grown = server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
    server.get("alice", "/").await.assert_ok("begun");
    client.0.flush().await.expect("it goes");
    client.send("how many").await;
    assert_eq!(client.text().await, ((sent + 1) << 20).to_string());
}

#[tokio::test]
async fn clients_that_send_without_end_fill_no_more_than_a_small_buffer_each() {
    let server = server(
        "(ws) => {
            ws.onmessage = (e) => {
                for (let i = 0, x = 0; i < 1e6; i++) x += i % 7;
                if (typeof e.data === 'string') ws.send(e.data);
            };
        }",
    )
    .await;
    let mut clients = Vec::new();
    for _ in 0..24 {
        clients.push(Client::open(&server, "/").await);
    }
    let before = server.process().resident_bytes();
    let piece = vec![1; 1 << 20];
    join_all(clients.iter_mut().map(async |client| {
        for _ in 0..24 {
            client.send(piece.clone()).await;
        }
        client.send("all").await;
        assert_eq!(client.text().await, "all");
    }))
    .await;
    // What a burst needed is kept for a while.
    let grown = server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH / 2, "the host grew by {grown} bytes");
}
