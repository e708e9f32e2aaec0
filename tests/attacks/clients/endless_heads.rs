//! Tries: to fill the host with a head, a URL, or fields without end.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    let before = scene.server.process().resident_bytes();
    for (start, piece) in [
        ("GET /", "a".repeat(4096)),
        ("GET / HTTP/1.1\r\nhost: victim.localhost\r\nx: ", "a".repeat(4096)),
        ("GET / HTTP/1.1\r\nhost: victim.localhost\r\n", "x: y\r\n".repeat(600)),
        ("", "\r\n".repeat(2048)),
        ("POST / HTTP/1.1\r\nhost: nobody.localhost\r\ntransfer-encoding: chunked\r\n\r\n1;", "e".repeat(65_536)),
        ("POST / HTTP/1.1\r\nhost: nobody.localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "t: u\r\n".repeat(600)),
    ] {
        let mut client = scene.server.raw().await;
        client.send(start).await;
        let most = 16 << 20;
        let sent = client.send_until_refused(piece.as_bytes(), most).await;
        // What follows a refusal may be read and thrown away for some seconds.
        let is_refused = start.starts_with("POST");
        assert!(is_refused || sent < most, "{start:?}: {sent} bytes were taken");
    }
    let grown = scene.server.process().resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH, "the host grew by {grown} bytes");
}
