//! Tries: to have a client told a code that no close frame may carry.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let payload = [&1006_u16.to_le_bytes()[..], &[0; 4]].concat();
    let forgery = Forgery::new("websocket_code").frame(switching(2));
    let forgery = forgery.bytes(1, &[&header(6, 2, CLOSE)[..], &payload].concat());
    forgery.ends_the_websocket(scene, "close code").await;
}
