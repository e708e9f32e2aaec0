//! Tries: to keep the host busy with resets, settings, pings and continuations of HTTP/2.

use super::connections::*;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

pub async fn attack(scene: &Scene) {
    let before = scene.server.process().resident_bytes();
    // GET http / with the victim's name, as indexed and literal fields.
    let mut head = vec![0x82, 0x86, 0x84, 0x01, 16];
    head.extend(b"nobody.localhost");
    let resets: Vec<u8> = (0..20_000_u32)
        .flat_map(|n| [frame(1, 5, 2 * n + 1, &head), frame(3, 0, 2 * n + 1, &[0, 0, 0, 8])].concat())
        .collect();
    for flood in [
        resets,
        frame(4, 0, 0, &[0, 4, 0, 0, 0xff, 0xff]).repeat(50_000),
        frame(6, 0, 0, &[0; 8]).repeat(50_000),
        [frame(1, 0, 1, &head), frame(9, 0, 1, &[0x40; 1]).repeat(100_000)].concat(),
        frame(8, 0, 0, &[0x7f, 0xff, 0xff, 0xff]).repeat(10),
        frame(0, 8, 1, &[0xff; 16]).repeat(10_000),
        vec![0xff; 1 << 20],
    ] {
        let mut client = scene.server.raw().await;
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        client.send(frame(4, 0, 0, &[])).await;
        // It may be cut off at any point; what it may not is to cost others their answers.
        client.send_until_refused(&flood, flood.len()).await;
    }
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
}
