//! Tries: to run another program.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "execve").await;
}
