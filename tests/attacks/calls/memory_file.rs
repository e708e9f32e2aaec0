//! Tries: to make a file in memory to run.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "memory_file").await;
}
