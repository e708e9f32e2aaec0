//! Tries: to make the host allocate four gigabytes for one frame.

use super::forgery::*;

pub async fn attack(scene: &Scene) {
    let forgery = Forgery::new("absurd_length").bytes(1, &header(u32::MAX, 2, RESPONSE));
    forgery.ends_the_link(scene, "is above the cap of").await;
}
