//! Tries: to put another header into a header's name.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("header_name_split").response(200, b"x-a: b\r\nset-cookie\nc\n");
    forgery.ends_the_link(scene, "not a lower-case token").await;
}
