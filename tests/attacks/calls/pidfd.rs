//! Tries: to get a handle on another process.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "pidfd").await;
}
