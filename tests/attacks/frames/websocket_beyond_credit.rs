//! Tries: to fill the host with messages that nobody takes.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let part = MessagePart::Binary(&[b'x'; 64 << 10]);
    let large = IsolateFrame::Message { stream: 2, last: false, part };
    let forgery = Forgery::new("websocket_beyond_credit").frame(switching(2));
    forgery.frames(2000, large).ends_the_websocket(scene, "exceeds its credit").await;
}
