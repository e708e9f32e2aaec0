//! Tries: to have a name judged by one address, and connected to by another.

use super::name_server::NameServer;
use super::namespace::{enter, fetch_all};
use crate::driver::{Listener, Scene};

pub async fn attack(scene: &Scene) {
    enter(scene, "rebinding").await;
}

/// In the network of the attack.
pub async fn inside(scene: &Scene, names: &NameServer, public: &Listener) {
    let url = format!("http://turns.test:{}/", scene.canary.address().port());
    let said = fetch_all(scene, &[url], 40).await;
    let reached = said.iter().filter(|it| *it == "the public one").count();
    assert!(said.iter().all(|it| it == "the public one" || it.starts_with("failed")), "{said:?}");
    // It was a trap that works: names were asked for each time, and the public address answered.
    assert!(reached > 0 && reached < said.len(), "{said:?}");
    assert_eq!(public.connections(), reached);
    assert!(names.questions() >= said.len(), "{} questions", names.questions());
}
