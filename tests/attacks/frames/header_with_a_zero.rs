//! Tries: to end a header's value early with a zero byte.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("header_with_a_zero").response(200, b"x-a\nb\0c\n");
    forgery.ends_the_link(scene, "a value holds NUL, CR or LF").await;
}
