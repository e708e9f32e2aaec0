//! Tries: to hold the host's threads with names that nobody answers for.

use super::name_server::NameServer;
use super::namespace::{enter, fetch_all};
use crate::driver::Scene;

/// Threads that a tenant's look-ups may take.
const THREADS: usize = 24;

pub async fn attack(scene: &Scene) {
    enter(scene, "unanswered").await;
}

/// In the network of the attack.
pub async fn inside(scene: &Scene, names: &NameServer) {
    let host = scene.server.process();
    let threads = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", host.id()));
        tasks.expect("the host's threads").count()
    };
    let before = threads();
    let urls: Vec<_> = (0..48).map(|number| format!("http://n{number}.never/")).collect();
    let most = async {
        let mut most = 0;
        loop {
            most = most.max(threads());
            if names.questions() > 0 && most > before {
                return most;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let (said, most) = tokio::join!(fetch_all(scene, &urls, 1), most);
    assert!(said.iter().all(|it| it.starts_with("failed")), "{said:?}");
    assert!(most.max(threads()) <= before + THREADS, "{before} threads became {most}");
}
