//! Tries: to list files.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_held(scene, "list_root").await;
}
