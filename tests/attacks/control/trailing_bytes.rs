//! Tries: to hide bytes behind a message.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &[&CordonMessage::Stuck { isolate: 1 }.encode()[..], b"x"].concat(), "follow the end of the frame").await;
}
