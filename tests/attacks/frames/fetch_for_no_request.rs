//! Tries: to fetch in the name of a request that there is not.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("fetch_for_no_request").frame(fetch(1, 400, "http://127.0.0.1/"));
    forgery.ends_the_link(scene, "which is not open").await;
}
