//! Tries: to kill the process that started it.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "kill_parent").await;
}
