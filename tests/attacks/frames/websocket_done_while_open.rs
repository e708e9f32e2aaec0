//! Tries: to be done with a request whose WebSocket is open.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("websocket_done_while_open").frame(switching(2)).done();
    forgery.ends_the_websocket(scene, "done without an answer").await;
}
