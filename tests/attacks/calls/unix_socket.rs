//! Tries: to talk to services of the machine.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "unix_socket").await;
}
