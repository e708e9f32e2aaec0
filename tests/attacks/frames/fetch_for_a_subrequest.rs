//! Tries: to fetch in the name of a subrequest.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("fetch_for_a_subrequest").frame(fetch(1, 1, "http://127.0.0.1/"));
    forgery.ends_the_link(scene, "cannot name stream 1").await;
}
