//! Tries: to send a body before, or without, its response.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("body_without_a_head").frame(IsolateFrame::Chunk { stream: 2, bytes: b"x" });
    forgery.ends_the_link(scene, "broke the protocol").await;
}
