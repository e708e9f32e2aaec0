//! Tries: to spin the host with credit of no bytes.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("credit_of_nothing").frame(IsolateFrame::Credit { stream: 2, bytes: 0 });
    forgery.ends_the_link(scene, "cannot be 0").await;
}
