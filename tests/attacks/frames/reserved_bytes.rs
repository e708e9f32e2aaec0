//! Tries: to set bytes of the header that must be zero.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("reserved_bytes").bytes(1, &[0, 0, 0, 0, 2, 0, 0, 0, 33, 1, 1, 1]);
    forgery.ends_the_link(scene, "broke the protocol").await;
}
