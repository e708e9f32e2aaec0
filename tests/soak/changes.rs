//! What the operator and the authors do meanwhile.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use insula_tests::{App, get};

use crate::innocent::Kind;
use crate::scene::Scene;

/// Between two deploys of innocents.
const BETWEEN_DEPLOYS: Duration = Duration::from_millis(1500);
/// Between two tenants that come and go.
const BETWEEN_GUESTS: Duration = Duration::from_secs(4);
/// Between two readers of a tenant's log.
const BETWEEN_TAILS: Duration = Duration::from_secs(6);
/// Between two deploys that do not work.
const BETWEEN_FAILURES: Duration = Duration::from_secs(7);
/// Of so many changes of an innocent, one is a rollback.
const ROLLBACK_EVERY: usize = 4;

/// Everything that changes, for as long as load goes on.
pub async fn all(scene: &Scene) {
    join_all([
        redeploy(scene).boxed_local(),
        come_and_go(scene).boxed_local(),
        read_logs(scene).boxed_local(),
        deploy_what_fails(scene).boxed_local(),
    ])
    .await;
}

/// New versions of innocents, and old ones again, while they are asked.
async fn redeploy(scene: &Scene) {
    for change in 0.. {
        scene.pause(BETWEEN_DEPLOYS).await;
        if !scene.is_on() {
            return;
        }
        // Two turns each, so that there is a version to go back to.
        let innocent = &scene.innocents[change / 2 % scene.innocents.len()];
        if change % ROLLBACK_EVERY == ROLLBACK_EVERY - 1 {
            scene.server.insula(&["rollback", &innocent.name]).await.succeeded();
            scene.ledger.done("rollbacks under load");
        } else {
            innocent.deploy(scene).await;
            scene.ledger.done("deploys under load");
        }
    }
}

/// Tenants that are made, answer, and are deleted.
async fn come_and_go(scene: &Scene) {
    for number in 0.. {
        scene.pause(BETWEEN_GUESTS).await;
        if !scene.is_on() {
            return;
        }
        let guest = format!("guest-{number}");
        scene.server.handler(&guest, "() => new Response('a guest')").await;
        let answer = scene.server.get(&guest, "/").await;
        if (answer.status, answer.text()) != (200, "a guest") {
            scene.ledger.problem(format!("{guest} answered {answer:?}"));
        }
        scene.server.insula(&["delete", &guest]).await.succeeded();
        let answer = scene.server.get(&guest, "/").await;
        if answer.status != 404 {
            scene.ledger.problem(format!("{guest} is deleted and answers {answer:?}"));
        }
        scene.ledger.done("tenants made and deleted");
    }
}

/// Readers that come, see something and go.
async fn read_logs(scene: &Scene) {
    let loud: Vec<_> = scene.innocents.iter().filter(|it| it.kind == Kind::Log).collect();
    for turn in 0.. {
        scene.pause(BETWEEN_TAILS).await;
        if !scene.is_on() {
            return;
        }
        let innocent = loud[turn % loud.len()];
        let mut tail = scene.server.tail(&innocent.name);
        // So that there is something to see even if it has a rest.
        scene.server.connect().await.send(get(&innocent.name, "/0")).await;
        tail.wait_for_text("asked for").await;
        scene.ledger.done("readers of a log");
    }
}

/// Versions that do not start, and never go live.
async fn deploy_what_fails(scene: &Scene) {
    let programs = ["x.y();", "for (;;) {}", "await new Promise(() => {});", "syntax error"];
    for program in programs.iter().cycle() {
        scene.pause(BETWEEN_FAILURES).await;
        if !scene.is_on() {
            return;
        }
        let app = App::module(&format!("{program}\nexport default {{ fetch() {{}} }};\n"));
        scene.server.try_deploy("never-live", &app, &[]).await.failed(1);
        scene.ledger.done("deploys that were rejected");
    }
}
