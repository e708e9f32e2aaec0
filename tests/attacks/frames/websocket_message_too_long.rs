//! Tries: to send a part of a message that is longer than parts are.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let payload = vec![1; (64 << 10) + 3];
    let length = u32::try_from(payload.len()).expect("a short frame");
    let forgery = Forgery::new("websocket_message_too_long").frame(switching(2));
    let forgery = forgery.bytes(1, &[&header(length, 2, MESSAGE)[..], &payload].concat());
    forgery.ends_the_websocket(scene, "message part").await;
}
