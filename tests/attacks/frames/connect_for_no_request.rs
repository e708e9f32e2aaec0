//! Tries: to connect without a request that would pay for it.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("connect_for_no_request").frame(connect(1, 4, "http://example.com/"));
    forgery.ends_the_link(scene, "which is not open").await;
}
