//! Tries: to start another process.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "spawn").await;
}
