//! Tries: to let the host believe that it may send without end.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("absurd_credit")
        .frames(300, IsolateFrame::Credit { stream: 2, bytes: 16 << 20 });
    forgery.ends_the_link(scene, "exceeds its credit").await;
}
