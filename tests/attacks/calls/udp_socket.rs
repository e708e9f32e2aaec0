//! Tries: to send datagrams.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "udp_socket").await;
}
