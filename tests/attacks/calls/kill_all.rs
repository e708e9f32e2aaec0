//! Tries: to kill every process.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "kill_all").await;
}
