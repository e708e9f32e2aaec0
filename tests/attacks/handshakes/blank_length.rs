//! Tries: to announce four gigabytes as an isolate's greeting.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, "blank ffffffff0000000001000000", "is above the cap of").await;
}
