//! Tries: to go on with a body that has ended.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("body_after_its_end")
        .frame(streamed(2))
        .frame(IsolateFrame::End { stream: 2 })
        .frame(IsolateFrame::Chunk { stream: 2, bytes: b"x" });
    forgery.ends_the_link(scene, "a body goes on after its end").await;
}
