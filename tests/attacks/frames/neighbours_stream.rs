//! Tries: to answer a request of another isolate's by guessing its number.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("neighbours_stream")
        .frame(response(6))
        .frame(response(8))
        .frame(IsolateFrame::Done { stream: 6, cpu_us: 1 });
    forgery.ends_the_link(scene, "which is not open").await;
}
