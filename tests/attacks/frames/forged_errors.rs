//! Tries: to answer in Insula's name, and to speak for the connection.

use super::forgery::*;

const HEADERS: &[u8] = b"insula-error\ncpu-limit\nconnection\nx-mine\nx-mine\n1\ntransfer-encoding\n\
    chunked\ncontent-length\n3\ncontent-length\n9999\nkeep-alive\ntimeout=9\nupgrade\nx\ntrailer\nx\n";

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("forged-errors").response(503, HEADERS).done();
    let answer = forgery.carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 503, "{answer:?}");
    for name in ["insula-error", "x-mine", "transfer-encoding", "keep-alive", "upgrade", "trailer"] {
        assert!(!answer.headers.contains_key(name), "{name}: {answer:?}");
    }
    assert_eq!(answer.header("content-length"), "4", "{answer:?}");
}
