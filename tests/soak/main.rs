//! Endurance: one server under mixed load for as long as `INSULA_SOAK_SECONDS` says, 120 if it says
//! nothing. Well-behaved tenants are asked all the while and every answer is checked; beside them
//! versions change, tenants come and go, hostile ones break every limit, clients misbehave and
//! cordons crash. After a third of the time the load stops, and what the server occupies is noted;
//! at the end it must occupy no more in the same state ([`footing`] says how much more is none).
//!
//! `INSULA_SOAK_REPORT` names a file for the table of results.

mod changes;
mod clients;
mod crashes;
mod footing;
mod hostile;
mod innocent;
mod ledger;
mod log;
mod report;
mod rude;
mod scene;

use std::time::{Duration, Instant};

use footing::Footing;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use insula_tests::{control_groups, descendants, eventually};
use scene::Scene;

/// What `INSULA_SOAK_SECONDS` replaces: seconds under load.
const SECONDS: u64 = 120;

#[tokio::test]
async fn mixed_load_fails_no_innocent_request_and_leaves_nothing_behind() {
    let seconds = std::env::var("INSULA_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |text| text.parse().expect("a number of seconds"));
    let total = Duration::from_secs(seconds);

    let scene = Scene::start(total).await;
    load(&scene, total / 3).await;
    let mark = Footing::settled(&scene).await;
    load(&scene, total - total / 3).await;
    let end = Footing::settled_as(&scene, &mark).await;

    let mut problems = end.growth_since(&mark);
    problems.extend(scene.ledger.problems());
    problems.extend(scene.ledger.untried());
    let isolates = scene.isolate_starts().await;
    problems.extend(
        after_the_end(scene, |scene| {
            report::publish(scene, total, isolates, [&mark, &end]);
        })
        .await,
    );
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Everything at once, for `time`. What has begun when it is over is finished.
async fn load(scene: &Scene, time: Duration) {
    scene.run_until(Instant::now() + time);
    let innocents = (0..clients::CLIENTS).map(|number| clients::ask(scene, number).boxed_local());
    // Boxed: together they are more than a test's stack holds.
    let others = [
        hostile::attack_all(scene).boxed_local(),
        rude::misbehave(scene).boxed_local(),
        changes::all(scene).boxed_local(),
        crashes::bring_down(scene).boxed_local(),
        report::progress(scene).boxed_local(),
    ];
    join_all(innocents.chain(others)).await;
}

/// Ends the server as an operator would; returns what is wrong with what is left.
async fn after_the_end(scene: Scene, report: impl FnOnce(&Scene)) -> Vec<String> {
    let Scene { ref server, .. } = scene;
    let (all, launcher) = (descendants(server.process()), server.launcher());
    report(&scene);
    let stopped = scene.server.end().await;
    eventually("the end of every process", async || {
        all.iter().all(|process| !process.is_alive()).then_some(())
    })
    .await;
    let groups = control_groups(launcher);
    let mut problems = log::unexpected(&stopped.log());
    problems.extend((!groups.is_empty()).then(|| format!("control groups are left: {groups:?}")));
    problems
}
