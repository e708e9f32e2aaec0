//! Tries: to fill the host with a body that nobody reads.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("body_beyond_credit")
        .frame(streamed(2))
        .frames(64, IsolateFrame::Chunk { stream: 2, bytes: &[b'x'; 64 << 10] });
    forgery.ends_the_link(scene, "exceeds its credit").await;
}
