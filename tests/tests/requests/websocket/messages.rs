use insula_tests::{App, get};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::{Client, ECHO, server};

#[tokio::test]
async fn come_back_as_they_were() {
    let server = server(ECHO).await;
    let mut client = Client::open(&server, "/").await;
    let large = "aé€😀".repeat(800_000);
    for text in ["hello", "", "é", &large] {
        client.send(text).await;
        assert_eq!(client.text().await, text);
    }
    for bytes in [vec![], vec![0, 255], (0..6_000_000u32).map(|n| n as u8).collect()] {
        client.send(bytes.clone()).await;
        match client.next().await {
            Some(Message::Binary(back)) => assert!(back == bytes, "{} bytes", bytes.len()),
            other => panic!("{other:?}"),
        }
    }
    server.get("alice", "/x").await.assert_ok("no upgrade: /x");
}

#[tokio::test]
async fn may_come_in_fragments_with_pings_between() {
    let server = server(ECHO).await;
    let mut client = Client::open(&server, "/").await;
    let (one, two) = "aé".as_bytes().split_at(2);
    let frame = |payload: &[u8], data, last| {
        Message::Frame(Frame::message(payload.to_vec(), OpCode::Data(data), last))
    };
    client.send(frame(one, Data::Text, false)).await;
    client.send(Message::Ping("now".into())).await;
    client.send(frame(b"", Data::Continue, false)).await;
    client.send(frame(two, Data::Continue, true)).await;
    assert_eq!(client.text().await, "aé");
}

#[tokio::test]
async fn keep_their_order_however_many_there_are() {
    let server = server(
        "(ws) => { let n = 0; ws.onmessage = (e) => { if (e.data === 'end') ws.send(String(n)); else if (Number(e.data) === n) { n++; ws.send(e.data); } }; ws.send('hello'); }",
    )
    .await;
    let mut client = Client::open(&server, "/").await;
    assert_eq!(client.text().await, "hello");
    for n in 0..20_000 {
        client.send(n.to_string()).await;
        assert_eq!(client.text().await, n.to_string());
        if n == 100 {
            break;
        }
    }
    for n in 101..5000 {
        client.send(n.to_string()).await;
    }
    client.send("end").await;
    for n in 101..5000 {
        assert_eq!(client.text().await, n.to_string());
    }
    assert_eq!(client.text().await, "5000");
}

#[tokio::test]
async fn protocols_and_headers_are_the_tenants_to_choose() {
    let server = server(
        "(ws, request) => { ws.send([request.method, request.url, request.headers.get('connection'), request.headers.get('sec-websocket-protocol')].join(' ')); return { 'sec-websocket-protocol': new URL(request.url).pathname.slice(1), 'x-own': '1', 'sec-websocket-accept': 'forged', 'sec-websocket-extensions': 'x' }; }",
    )
    .await;
    let offered = [("sec-websocket-protocol", "chat, p2")];
    let (mut client, response) = Client::try_open(&server, "/p2", &offered).await.expect("open");
    assert_eq!(response.headers()["sec-websocket-protocol"], "p2");
    assert_eq!(response.headers()["x-own"], "1");
    assert!(!response.headers().contains_key("sec-websocket-extensions"));
    assert_eq!(client.text().await, "GET http://alice.localhost/p2 Upgrade chat, p2");
    // One that was not offered is not sent: no client would take it.
    let refused = Client::try_open(&server, "/other", &offered).await.err().expect("none chosen");
    assert!(refused.to_string().contains("no subprotocol"), "{refused}");
}

#[tokio::test]
async fn a_request_without_an_upgrade_gets_none() {
    let server = server(ECHO).await;
    let app = App::handler(
        "() => { const [client, ws] = Object.values(new WebSocketPair()); ws.accept(); return new Response(null, { status: 101, webSocket: client }); }",
    );
    server.deploy("alice", &app).await;
    server.get("alice", "/").await.assert_error(500, "tenant-exception");
    // Not every wish to switch is one for a WebSocket.
    let mut connection = server.connect().await;
    for (name, value) in [("upgrade", "h2c"), ("sec-websocket-version", "12")] {
        let mut request = get("alice", "/");
        for (name, value) in [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
            (name, value),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        connection.send(request).await.assert_error(500, "tenant-exception");
    }
}
