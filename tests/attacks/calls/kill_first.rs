//! Tries: to stop the first process of its namespace.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "kill_first").await;
}
