//! Tries: to use a subrequest's number twice.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("fetch_number_again")
        .frame(fetch(1, 2, "http://127.0.0.1/"))
        .frame(fetch(1, 2, "http://127.0.0.1/"));
    forgery.ends_the_link(scene, "was opened before").await;
}
