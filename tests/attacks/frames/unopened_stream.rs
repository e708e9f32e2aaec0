//! Tries: to answer a request that the host never made.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("unopened_stream").frame(response(4));
    forgery.ends_the_link(scene, "which is not open").await;
}
