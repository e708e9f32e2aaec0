//! Tries: to confuse the host with bytes that are no frames.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("garbage_bytes").bytes(1, &header(0, 2, 0xff));
    forgery.ends_the_link(scene, "no frame has the kind 255").await;
}
