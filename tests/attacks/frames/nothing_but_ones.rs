//! Tries: to confuse the host with bytes that are no frames at all.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("nothing_but_ones").bytes(100_000, &[0xff; 16]);
    forgery.ends_the_link(scene, "broke the protocol").await;
}
