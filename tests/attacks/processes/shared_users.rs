//! Tries: to find two cordons of one user, or one of root's, when root runs the server.

use std::collections::HashSet;

use super::cordons::*;

pub async fn attack(scene: &Scene) {
    let cordons = cordons(scene).await;
    let users: Vec<_> = cordons.iter().filter_map(|cordon| status(*cordon, "Uid")).collect();
    if scene.user == User::Root {
        let different: HashSet<_> = users.iter().collect();
        assert_eq!(different.len(), cordons.len(), "{users:?}");
        assert!(users.iter().all(|user| !user.split(' ').any(|id| id == "0")), "{users:?}");
    } else {
        // All are the server's own user outside, and nobody inside.
        let own = status(scene.server.process(), "Uid");
        assert!(users.iter().all(|user| Some(user) == own.as_ref()), "{users:?}");
    }
    scene.delete("alone").await;
}
