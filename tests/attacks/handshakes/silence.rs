//! Tries: to say nothing at all, and to let everybody wait.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, "hello ", "no greeting within").await;
}
