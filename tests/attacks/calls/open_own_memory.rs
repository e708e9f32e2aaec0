//! Tries: to write its own memory past the protection of pages.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_refused(scene, "open_own_memory").await;
}
