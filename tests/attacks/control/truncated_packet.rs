//! Tries: to end a message in its middle.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &[2, 1, 0], "the payload ends inside").await;
}
