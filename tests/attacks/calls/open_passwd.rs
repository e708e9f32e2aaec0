//! Tries: to read the machine's files.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    is_refused(scene, "open_passwd").await;
}
