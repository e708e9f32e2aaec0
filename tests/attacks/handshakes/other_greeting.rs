//! Tries: to greet with something else than a greeting.

use crate::control::forgery::*;

pub async fn attack(scene: &Scene) {
    spoils_new_cordons(scene, &format!("hello {}", hex(&exited(1))), "it greets with").await;
}
