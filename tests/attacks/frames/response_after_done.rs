//! Tries: to go on with a request that is over.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("response_after_done")
        .frame(response(2))
        .frame(IsolateFrame::Done { stream: 2, cpu_us: 1 })
        .frame(response(2));
    forgery.ends_the_link(scene, "which is not open").await;
}
