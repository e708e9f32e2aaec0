//! Many tenants of one cordon, each of which keeps as much as it is given.

use futures_util::{StreamExt as _, stream};
use insula_tests::App;

pub use crate::driver::Scene;

/// How many of them there are, and how many take at the same time.
const CROWD: usize = 70;
const AT_ONCE: usize = 4;

/// Has each tenant of a crowd keep as many things as it gets, up to `most`, and returns how many that
/// were. What `module` answers to `/7` with 200 is that it keeps seven. Somebody new must get one then.
pub async fn take_all(scene: &Scene, module: &str, flags: &[&str], most: usize) -> Vec<usize> {
    let app = App::module(module);
    let names: Vec<_> = (0..CROWD).map(|number| format!("crowd{number}")).collect();
    for name in &names {
        scene.server.deploy_with(name, &app, flags).await;
    }
    let kept = stream::iter(&names).map(|name| keep_many(scene, name, most)).buffered(AT_ONCE);
    let kept = kept.collect().await;
    scene.server.deploy_with("newcomer", &app, flags).await;
    scene.server.get("newcomer", "/1").await.assert_ok("kept");
    for name in names.iter().map(String::as_str).chain(["newcomer"]) {
        scene.delete(name).await;
    }
    kept
}

/// Asks for less and less, until it is given.
async fn keep_many(scene: &Scene, name: &str, most: usize) -> usize {
    let mut wanted = most;
    while wanted > 0 {
        let answer = scene.server.get(name, &format!("/{wanted}")).await;
        if answer.status == 200 {
            break;
        }
        assert_eq!((answer.status, answer.header("insula-error")), (503, "memory-limit"), "{name}");
        wanted /= 3;
    }
    wanted
}
