//! Tries: to have the rest of a body that nobody read taken for a request.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Ambiguous("content-length: {length}\r\nx-early: 1\r\n\r\n{hidden}"),
        Form::Ambiguous("transfer-encoding: chunked\r\nx-early: 1\r\n\r\n{chunk}"),
        Form::Ambiguous("content-length: 200000000\r\n\r\n{hidden}"),
    ])
    .await;
}
