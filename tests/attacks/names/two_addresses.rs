//! Tries: to hide a loopback address behind a public one, and in addresses of the sixth version.

use super::name_server::NameServer;
use super::namespace::{enter, fetch_all};
use crate::driver::Scene;

pub async fn attack(scene: &Scene) {
    enter(scene, "two_addresses").await;
}

/// In the network of the attack.
pub async fn inside(scene: &Scene, _names: &NameServer) {
    let port = scene.canary.address().port();
    let names = ["both", "mapped", "six", "metadata", "private"];
    let urls: Vec<_> = names.iter().map(|name| format!("http://{name}.test:{port}/")).collect();
    let said = fetch_all(scene, &urls, 5).await;
    assert!(said.iter().all(|it| it.contains("not a public one")), "{said:?}");
    // Which address it is, is the operator's to know.
    assert!(!said.iter().any(|it| it.contains("127.0.0.1") || it.contains("169.254")), "{said:?}");
}
