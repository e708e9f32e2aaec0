//! Tries: to send a body that is longer than any may be.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    // Within its credit, which it does not know to be granted: the socket holds it back.
    let chunk = IsolateFrame::Chunk { stream: 2, bytes: &[b'x'; 64 << 10] };
    let forgery = Forgery::new("endless-body").frame(streamed(2)).frames(4, chunk);
    let answer = forgery.line("close").carried_out(scene).await;
    assert!(answer.is_err(), "a body that broke off looks whole: {answer:?}");
}
