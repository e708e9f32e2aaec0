//! Tries: to end an isolate for a reason that there is not.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    ends_the_cordon(scene, 1, &[&exited(1)[..9], &[99]].concat(), "exit reason cannot be 99").await;
}
