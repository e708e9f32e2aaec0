//! Tries: to have the host take bytes for text that are none.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("invalid_utf8")
        .bytes(1, &header(8, 2, LOG))
        .bytes(1, &[1, 3, 0, 0, 0, 0xff, 0xfe, 0xfd]);
    forgery.ends_the_link(scene, "is not UTF-8").await;
}
