//! Tries: to make sockets at all.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "socket_pair").await;
}
