//! Tries: to greet with bytes that are no message.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, "hello ffffffffffff", "a cordon did not start").await;
}
