//! Tries: to trace another process.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "ptrace_attach").await;
}
