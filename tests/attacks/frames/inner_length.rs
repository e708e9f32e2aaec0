//! Tries: to have a length inside a frame reach beyond the frame.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("inner_length").bytes(1, &header(6, 2, RESPONSE)).bytes(1, &[200, 0, 0xff, 0xff, 0xff, 0xff]);
    forgery.ends_the_link(scene, "broke the protocol").await;
}
