//! Tries: to greet for an isolate with bytes that are no frame.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, "blank ffffffffffffffffffffffffffffffff", "a cordon broke the protocol").await;
}
