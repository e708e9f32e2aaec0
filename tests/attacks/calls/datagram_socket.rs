//! Tries: to open a local socket.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "datagram_socket").await;
}
