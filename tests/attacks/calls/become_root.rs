//! Tries: to become root.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "become_root").await;
}
