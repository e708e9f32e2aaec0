//! Tries: to send a packet that is longer than any may be.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &[1; 5000], "control link").await;
}
