//! Tries: to be traced, and so to escape the filter.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_killed(scene, "ptrace_me").await;
}
