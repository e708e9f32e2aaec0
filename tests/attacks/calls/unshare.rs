//! Tries: to get rights in a new namespace.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "unshare").await;
}
