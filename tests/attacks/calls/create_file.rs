//! Tries: to write a file.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "create_file").await;
}
