//! Tries: to have an isolate speak another version.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, "blank 020000000000000001000000e703", "it greets with Hello").await;
}
