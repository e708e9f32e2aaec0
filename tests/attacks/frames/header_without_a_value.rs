//! Tries: to leave the header block unfinished.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("header_without_a_value").response(200, b"x-a\nb\nx-c");
    forgery.ends_the_link(scene, "a line does not end").await;
}
