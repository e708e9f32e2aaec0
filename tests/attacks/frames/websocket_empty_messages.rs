//! Tries: to fill the host with messages that are empty, and cost nothing.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("websocket_empty_messages").frame(switching(2));
    let empty = IsolateFrame::Message { stream: 2, last: true, part: MessagePart::Text("") };
    // More than the buffers of the kernel hold of them, two bytes each, on their way to a client that does not read.
    forgery.frames(8_000_000, empty).ends_the_websocket(scene, "exceeds its credit").await;
}
