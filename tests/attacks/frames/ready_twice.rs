//! Tries: to start a second time.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("ready_twice")
        .frame(IsolateFrame::Ready { cpu_us: 0, exports: Exports::default() });
    forgery.ends_the_link(scene, "out of turn").await;
}
