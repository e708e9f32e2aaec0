//! Tries: to split a header's value with a carriage return.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("header_with_a_return").response(200, b"x-a\nb\rset-cookie: c\n");
    forgery.ends_the_link(scene, "a value holds NUL, CR or LF").await;
}
