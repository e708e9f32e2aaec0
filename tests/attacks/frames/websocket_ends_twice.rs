//! Tries: to end a WebSocket twice.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let end = IsolateFrame::Close { stream: 2, code: 1000, reason: "" };
    let forgery = Forgery::new("websocket_ends_twice").frame(switching(2)).frames(2, end);
    forgery.ends_the_websocket(scene, "goes on after its end").await;
}
