//! Tries: to speak another version than the host.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, &format!("hello {}", hex(&CordonMessage::Hello { version: 999 }.encode())), "it speaks version 999").await;
}
