//! Tries: to mount a file system.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "mount").await;
}
