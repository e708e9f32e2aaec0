//! Tries: to answer with statuses that no final response has.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    for status in [0, 1, 99, 100, 103, 199, 600, 999, 1000, 65535] {
        let forgery = Forgery::new("odd-statuses").response(status, b"");
        forgery.ends_the_link(scene, "status cannot be").await;
    }
}
