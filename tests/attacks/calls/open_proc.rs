//! Tries: to read another process's environment.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_refused(scene, "open_proc").await;
}
