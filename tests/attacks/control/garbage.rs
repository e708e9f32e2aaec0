//! Tries: to confuse the host with a packet that is no message.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &[0xff; 16], "no frame has the kind 255").await;
}
