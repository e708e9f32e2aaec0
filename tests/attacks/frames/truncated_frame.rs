//! Tries: to leave the host waiting for the rest of a frame, and to go.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("truncated").bytes(1, &header(100_000, 2, RESPONSE)).line("close");
    let answer = forgery.carried_out(scene).await;
    assert!(answer.as_ref().is_err_and(|_| true) || answer.as_ref().is_ok_and(|it| it.status == 502));
}
