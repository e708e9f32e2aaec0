//! Tries: to report the end of isolates that it does not have, until the count is wrong.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 200, &exited(u64::MAX), "it ended an isolate that it did not have").await;
}
