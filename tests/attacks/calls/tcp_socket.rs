//! Tries: to open a connection.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "tcp_socket").await;
}
