//! Tries: to find something of the host, or of another cordon, that a cordon can see.

use std::collections::HashSet;

use super::cordons::*;

pub async fn attack(scene: &Scene) {
    let cordons = cordons(scene).await;
    for kind in NAMESPACES {
        // A user may not look into what is another's; root may.
        let all = [scene.server.process()].into_iter().chain(cordons.iter().copied());
        let seen: Vec<_> = all.filter_map(|process| namespace(process, kind)).collect();
        let different: HashSet<_> = seen.iter().collect();
        assert_eq!(different.len(), seen.len(), "{kind} is shared: {seen:?}");
        if rustix::process::geteuid().is_root() {
            assert_eq!(seen.len(), cordons.len() + 1, "{kind} is hidden from root");
        }
    }
    scene.delete("alone").await;
}
