//! Tries: to answer one request twice.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("second_response").frame(response(2)).frame(response(2));
    forgery.ends_the_link(scene, "a second answer").await;
}
