//! Tries: to begin the conversation anew in its middle.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &CordonMessage::Hello { version: VERSION }.encode(), "it greeted twice").await;
}
