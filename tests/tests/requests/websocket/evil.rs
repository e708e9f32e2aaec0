use bytes::Bytes;
use insula_tests::{Raw, Server, host};
use tokio_tungstenite::tungstenite::Message;

use super::{Client, ECHO, server, server_with};

/// Opens a WebSocket, sends `frames`, and returns the code that it is closed with.
async fn code_after(server: &Server, frames: &[u8]) -> u16 {
    let mut raw = opened(server).await;
    raw.send(frames).await;
    let rest = raw.rest_bytes().await;
    assert_eq!(rest.first(), Some(&0x88), "a close frame: {rest:?}");
    u16::from_be_bytes([rest[2], rest[3]])
}

async fn opened(server: &Server) -> Raw {
    let mut raw = server.raw().await;
    raw.send(handshake()).await;
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    raw
}

fn handshake() -> String {
    format!(
        "GET / HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        host("alice")
    )
}

#[tokio::test]
async fn input_has_its_code() {
    let server = server(ECHO).await;
    let mask = [0, 0, 0, 0];
    let frame = |first: u8, payload: &[u8]| {
        [&[first, 0x80 | payload.len() as u8][..], &mask, payload].concat()
    };
    let attacks: &[(&str, Vec<u8>, u16)] = &[
        ("bad UTF-8", frame(0x81, b"\xff"), 1007),
        ("half a character", frame(0x81, "é".as_bytes().split_at(1).0), 1007),
        ("no mask", vec![0x81, 1, b'x'], 1002),
        ("a reserved bit", frame(0xC1, b"x"), 1002),
        ("a reserved opcode", frame(0x83, b"x"), 1002),
        ("a fragment of nothing", frame(0x80, b"x"), 1002),
        ("a message within a message", [frame(0x01, b"x"), frame(0x81, b"x")].concat(), 1002),
        ("a ping in fragments", frame(0x09, b"x"), 1002),
        ("a code that must not be sent", frame(0x88, &1006_u16.to_be_bytes()), 1002),
        // No length that there can be, but first of all too much.
        ("a frame without end", [&[0x82, 0xFF][..], &u64::MAX.to_be_bytes(), &mask].concat(), 1009),
        ("a huge message", [&[0x82, 0xFF][..], &(1_u64 << 40).to_be_bytes(), &mask].concat(), 1009),
    ];
    let mut tail = server.tail("alice");
    for (what, frames, code) in attacks {
        assert_eq!(code_after(&server, frames).await, *code, "{what}");
    }
    drop(tail.outcome("/").await);
    server.get("alice", "/ok").await.assert_ok("no upgrade: /ok");
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes() {
    let telling = "(ws) => { ws.onerror = (e) => console.log(e.type, ws.readyState); ws.onclose = (e) => console.log('closed', e.code, e.wasClean); }";
    let server = server_with(telling, "[limits]\nwebsocket_message_bytes = 1000\n").await;
    let mut tail = server.tail("alice");
    let part = [&[0x02, 0xFE][..], &600_u16.to_be_bytes(), &[0; 604]].concat();
    let rest = [&[0x80, 0xFE][..], &600_u16.to_be_bytes(), &[0; 604]].concat();
    assert_eq!(code_after(&server, &[part, rest].concat()).await, 1009);
    tail.wait_for_text("error 3").await;
    tail.wait_for_text("closed 1006 false").await;
}

#[tokio::test]
async fn bytes_that_come_with_the_handshake_count() {
    let server = server("(ws) => { ws.onmessage = (e) => console.log('heard', e.data); }").await;
    let mut tail = server.tail("alice");
    let mut raw = server.raw().await;
    let hello = [0x81, 0x82, 0, 0, 0, 0, b'h', b'i', 0x88, 0x80, 0, 0, 0, 0];
    raw.send([handshake().as_bytes(), &hello].concat()).await;
    let all = raw.rest_bytes().await;
    assert!(all.ends_with(&[0x88, 0]), "{:?}", String::from_utf8_lossy(&all));
    tail.wait_for_text("heard hi").await;
}

/// More than the buffers of a connection hold.
const MUCH: usize = 64 << 20;

#[tokio::test]
async fn frames_that_say_nothing_slow_whoever_sends_them() {
    let server = server(ECHO).await;
    let pings = [0x89, 0x80, 0, 0, 0, 0].repeat(10_000);
    let pongs = [0x8A, 0x80, 0, 0, 0, 0].repeat(10_000);
    let parts = [0x00, 0x80, 0, 0, 0, 0].repeat(10_000);
    for (what, begin, flood) in [
        ("pings", &[][..], pings),
        ("pongs", &[], pongs),
        ("empty parts of a message", &[0x02, 0x80, 0, 0, 0, 0], parts),
    ] {
        let mut raw = opened(&server).await;
        raw.send(begin).await;
        assert!(raw.fills_up(&flood, MUCH, 2000).await, "nothing slows {what}");
    }
}

#[tokio::test]
async fn who_pings_too_often_is_heard_later() {
    let server = server(ECHO).await;
    let mut client = Client::open(&server, "/").await;
    for _ in 0..700 {
        client.send(Message::Pong(Bytes::new())).await;
    }
    client.send("x").await;
    assert_eq!(client.text().await, "x");
}

#[tokio::test]
async fn what_comes_when_the_isolate_is_gone_is_not_read_at_full_speed() {
    let spin = "(ws) => { ws.onmessage = () => { for (;;); }; }";
    let server = server_with(spin, "[limits]\ncpu_ms = 400\n").await;
    let mut raw = opened(&server).await;
    let mut message = vec![0x82, 0xFF];
    message.extend_from_slice(&(1_u64 << 20).to_be_bytes());
    message.resize(message.len() + 4 + (1 << 20), 0);
    let sent = raw.send_until_refused(&message, 8 * MUCH).await;
    assert!(sent < MUCH, "{sent} bytes were taken");
}

/// Its message is copied on the way out. What there is no room for is the sender's affair.
#[tokio::test]
async fn an_answer_without_room_for_its_messages_ends_alone() {
    let server = server("(ws) => { ws.send(globalThis.kept = new Uint8Array(50 << 20)); }").await;
    server.handler("bob", "() => new Response('here')").await;
    server.get("bob", "/").await.assert_ok("here");
    let cordons = server.cordons();
    for _ in 0..3 {
        let mut raw = server.raw().await;
        raw.send(format!(
            "GET / HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            host("alice")
        ))
        .await;
        raw.head().await;
        server.get("bob", "/").await.assert_ok("here");
    }
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
}
