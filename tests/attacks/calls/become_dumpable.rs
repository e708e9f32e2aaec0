//! Tries: to be read by others of its user.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "become_dumpable").await;
}
