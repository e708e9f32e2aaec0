//! Cordons that come down, each in its own way. What lives in them has a trust level of its own, so
//! that no innocent does.

use std::collections::HashMap;
use std::time::Duration;

use insula_tests::{App, Process, Server, eventually, get};

use crate::hostile::outcome;
use crate::scene::Scene;

/// Tenants of that level: the one whose isolate is found and faulted, and neighbours of its.
const TENANTS: [&str; 3] = ["crashes-0", "crashes-1", "crashes-2"];

/// Their trust level.
const LEVEL: &str = "crashing";

/// Between two crashes.
const PAUSE: Duration = Duration::from_secs(4);

/// CPU time that the thread which burns has used in that, in nanoseconds; an innocent's, alone in a cordon that has
/// come since, has not.
const BURNT: u64 = 100_000_000;

/// Between two looks at where a tenant's code runs: who computes that much moves to another cordon, and in so
/// long that is over.
const SETTLED: Duration = Duration::from_millis(1500);

/// Computes for some tenths of a second, or searches for minutes without looking up.
const HANDLER: &str = "(request) => {
    if (request.url.endsWith('/burn')) {
        let x = 0;
        for (let i = 0; i < 2e8; i++) x += i % 7;
        return new Response(`burnt ${x > 0}`);
    }
    if (request.url.endsWith('/deaf')) {
        const text = 'a'.repeat(1 << 25);
        return new Response(String(text.indexOf('a'.repeat(1 << 17) + 'b')));
    }
    return new Response('here');
}";

/// What ends a cordon.
#[derive(Debug, Clone, Copy)]
enum Way {
    Fault,
    Kill,
    Stuck,
}

/// Deploys tenants that crash, where no innocent lives.
pub async fn deploy(server: &Server) {
    for tenant in TENANTS {
        // Before the first version, so that it is never elsewhere.
        server.insula(&["policy", "set", tenant, "--level", LEVEL]).await.succeeded();
        server.deploy_with(tenant, &App::handler(HANDLER), &["--cpu-ms", "3000"]).await;
    }
}

/// One cordon after another, for as long as load goes on.
pub async fn bring_down(scene: &Scene) {
    for round in 0.. {
        scene.pause(PAUSE).await;
        if !scene.is_on() {
            return;
        }
        let tenant = TENANTS[round % TENANTS.len()];
        let way = [Way::Fault, Way::Kill, Way::Stuck][round % 3];
        let Some((cordon, thread)) = working_for(scene, tenant).await else {
            scene.ledger.done("crashes: nothing found to bring down");
            continue;
        };
        match way {
            Way::Fault => cordon.fault_in(thread),
            Way::Kill => cordon.kill(),
            Way::Stuck => {
                let answer = outcome(&scene.server.get(tenant, "/deaf").await);
                // Where processors are short, seconds of CPU time take longer than a request may.
                let has_ended = ["502 cordon-crashed", "504 wall-limit"].contains(&&*answer);
                let answer = if has_ended { "ended" } else { &*answer };
                let expected = ["ended", "503 overloaded"];
                scene.ledger.hostile("stuck isolate", answer, &expected);
                if !has_ended {
                    continue;
                }
            }
        }
        match way {
            Way::Fault | Way::Kill => {
                let has_ended = async || (!cordon.is_alive()).then_some(());
                eventually("the end of a cordon", has_ended).await;
            }
            // Who has computed much may have moved since it was looked for.
            Way::Stuck => {
                let path = format!("/v1/tenants/{tenant}");
                eventually("the quarantine of who was stuck", async || {
                    scene.admin(&path).await["quarantine"]["why"].is_string().then_some(())
                })
                .await;
            }
        }
        scene.ledger.done(match way {
            Way::Fault => "crashes: a fault on an isolate's thread",
            Way::Kill => "crashes: a killed cordon",
            Way::Stuck => "crashes: an isolate that ignores interrupts",
        });
        for tenant in TENANTS {
            answers_again(scene, tenant).await;
            // Who is not in quarantine cannot be released, and need not be.
            scene.server.insula(&["release", tenant]).await;
        }
        gather(scene).await;
    }
}

/// Brings all of them back into the cordon that they share: who was released moves with its next
/// request.
pub async fn gather(scene: &Scene) {
    for tenant in TENANTS {
        answers_again(scene, tenant).await;
    }
}

/// The thread that the tenant's code stays in, in a cordon without innocents; nothing if the tenant does
/// not settle.
async fn working_for(scene: &Scene, tenant: &str) -> Option<(Process, u32)> {
    let mut before = busy_for(scene, tenant).await;
    for _ in 0..4 {
        scene.pause(SETTLED).await;
        let now = busy_for(scene, tenant).await;
        if std::mem::replace(&mut before, now) == now && now.is_some() {
            return now;
        }
    }
    None
}

/// The thread that works while the tenant does; nothing if the tenant does not answer now.
async fn busy_for(scene: &Scene, tenant: &str) -> Option<(Process, u32)> {
    let before = isolate_threads(scene).await;
    let answer = scene.server.get(tenant, "/burn").await;
    if answer.status != 200 {
        return None;
    }
    // The tenant may have moved to a cordon that has come since.
    let after = isolate_threads(scene).await.into_iter();
    let grown = after.map(|(thread, now)| {
        let was = before.get(&thread).copied().unwrap_or_default();
        (now.saturating_sub(was), thread)
    });
    let most = grown.max_by_key(|(grown, _)| *grown);
    most.filter(|(grown, _)| *grown >= BURNT).map(|(_, thread)| thread)
}

/// The threads that a crash may be made on, and the CPU time that they have used, in nanoseconds.
async fn isolate_threads(scene: &Scene) -> HashMap<(Process, u32), u64> {
    let cordons = scene.cordons_at(LEVEL).await.into_iter();
    let threads = cordons.flat_map(|cordon| {
        let threads = cordon.isolate_threads().into_iter();
        threads.map(move |(id, used)| ((cordon, id), used))
    });
    threads.collect()
}

/// Its next isolate may have to wait, and so may a tenant that is held off.
async fn answers_again(scene: &Scene, tenant: &str) {
    eventually("an answer after a crash", async || {
        let answer = scene.server.connect().await.try_send(get(tenant, "/")).await;
        let answer = answer.map_or_else(|error| error, |answer| outcome(&answer));
        let expected = ["200", "502 cordon-crashed", "503 overloaded"];
        scene.ledger.hostile("after a crash", &answer, &expected);
        (answer == "200").then_some(())
    })
    .await;
}
