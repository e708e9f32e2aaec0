//! Tries: to make a WebSocket of a request that does not ask for one, and to speak on it.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("websocket_unasked").frame(switching(2)).frames(1000, message(2, true));
    // What follows the refusal has crossed it, and counts against the credit until then.
    let answer = forgery.done().carried_out(scene).await;
    if let Ok(answer) = answer {
        assert!(answer.status >= 400, "{answer:?}");
    }
}
