//! Tries: to speak on a request as if it were a WebSocket.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("websocket_message_unasked").frame(message(2, true));
    forgery.ends_the_link(scene, "which is no WebSocket").await;
}
