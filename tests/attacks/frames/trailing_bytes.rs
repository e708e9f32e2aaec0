//! Tries: to hide bytes behind the end of a frame's content.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("trailing_bytes").bytes(1, &header(9, 2, DONE)).bytes(1, &[0; 9]);
    forgery.ends_the_link(scene, "follow the end of the frame").await;
}
