//! Tries: to report the end of one isolate again and again.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 200, &exited(1), "it ended an isolate that it did not have").await;
}
