//! Tries: to send a piece of a body that is larger than a piece may be.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("chunk_too_long")
        .frame(streamed(2))
        .frame(IsolateFrame::Chunk { stream: 2, bytes: &[b'x'; (64 << 10) + 1] });
    forgery.ends_the_link(scene, "is above the cap of").await;
}
