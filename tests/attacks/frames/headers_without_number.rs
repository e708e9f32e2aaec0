//! Tries: to send more headers than HTTP can bear.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("headers_without_number").response(200, &b"x\ny\n".repeat(600));
    forgery.ends_the_link(scene, "is above the cap of").await;
}
