//! Tries: to end a request without an answer, so that its client waits for ever.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("done_without_answer").frame(IsolateFrame::Done { stream: 2, cpu_us: 1 });
    forgery.ends_the_link(scene, "done without an answer").await;
}
