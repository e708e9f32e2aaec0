//! Tries: to answer on a stream that only the isolate may open.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("odd_stream").frame(response(3));
    forgery.ends_the_link(scene, "cannot name stream 3").await;
}
