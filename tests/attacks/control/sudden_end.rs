//! Tries: to take others along by closing every link at once, again and again.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    for _ in 0..3 {
        ends_the_cordon(scene, 1, &[9; 9], "control link").await;
    }
}
