//! Tries: to find a right that a cordon, or the relay beside it, has kept.

use insula_tests::children;

use super::cordons::*;

const NONE: &str = "0000000000000000";

pub async fn attack(scene: &Scene) {
    let relays = children(scene.server.process());
    for process in cordons(scene).await.into_iter().chain(relays) {
        if status(process, "Seccomp").as_deref() != Some("2") {
            // A relay whose cordon is just being started.
            continue;
        }
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            assert_eq!(status(process, set).as_deref(), Some(NONE), "{set} of {process:?}");
        }
        assert_eq!(status(process, "NoNewPrivs").as_deref(), Some("1"), "{process:?}");
        assert_eq!(status(process, "Groups").as_deref(), Some(""), "{process:?}");
    }
    scene.delete("alone").await;
}
