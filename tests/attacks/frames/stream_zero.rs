//! Tries: to answer on the link's own stream.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("stream_zero").frame(response(0));
    forgery.ends_the_link(scene, "cannot name stream 0").await;
}
