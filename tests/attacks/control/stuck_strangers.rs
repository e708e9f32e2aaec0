//! Tries: to report an isolate as stuck that it does not have.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &CordonMessage::Stuck { isolate: u64::MAX }.encode(), "does not stop").await;
}
