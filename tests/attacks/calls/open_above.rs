//! Tries: to read files above its root.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_refused(scene, "open_above").await;
}
