//! Tries: to go on after the end of a WebSocket.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let end = IsolateFrame::Close { stream: 2, code: 1000, reason: "" };
    let forgery = Forgery::new("websocket_after_its_end").frame(switching(2)).frame(end);
    forgery.frame(message(2, true)).ends_the_websocket(scene, "goes on after its end").await;
}
