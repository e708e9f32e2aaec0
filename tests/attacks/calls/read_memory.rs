//! Tries: to read another process's memory.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "read_memory").await;
}
