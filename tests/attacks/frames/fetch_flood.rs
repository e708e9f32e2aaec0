//! Tries: to have the host fetch without bound, past the counting inside.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let url = format!("http://{}/hang", scene.origin.address());
    let mut forgery = Forgery::new("fetch-flood");
    for number in 0..300 {
        forgery = forgery.frame(fetch(2 * number + 1, 2, &url));
    }
    let before = scene.asked();
    let answer = forgery.frame(response(2)).done().carried_out(scene).await.expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    let asked = scene.asked() - before;
    assert!(asked <= 50, "{asked} subrequests were made");
}
