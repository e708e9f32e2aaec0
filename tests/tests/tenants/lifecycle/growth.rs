use std::collections::HashSet;

use futures_util::future::join_all;
use insula_tests::{App, Server, eventually};

/// Answers with a name that each isolate has for itself.
fn named(work: &str) -> App {
    App::module(&format!(
        "const name = crypto.randomUUID();
        export default {{ async fetch() {{ {work}; return new Response(name) }} }};"
    ))
}

/// The names of the isolates that answer eight requests at once.
async fn names(server: &Server, tenant: &str) -> HashSet<String> {
    let answers = join_all((0..8).map(|_| server.get(tenant, "/"))).await;
    answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.text().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_tenant_that_computes_grows_and_shrinks() {
    let server = Server::start().await;
    let busy = named("let n = 0; for (let i = 0; i < 2e7; i++) n ^= i * n");
    server.deploy_with("busy", &busy, &["--cpu-ms", "60000", "--max-isolates", "2"]).await;
    eventually("a second isolate", async || {
        (names(&server, "busy").await.len() == 2).then_some(())
    })
    .await;
    // With nothing to do, one is enough.
    let shown = eventually("one isolate to go", async || {
        let shown = server.tenant("busy").await;
        (shown["counters"]["isolates"] == 1).then_some(shown)
    })
    .await;
    assert!(shown["counters"]["evictions"]["idle"].as_u64() >= Some(1), "{shown}");
    assert_eq!(names(&server, "busy").await.len(), 1);
}

#[tokio::test]
async fn a_sequential_tenant_grows_as_its_queue_does() {
    let server = Server::start().await;
    let slow = named("await new Promise((done) => setTimeout(done, 300))");
    let asked = ["--reuse", "sequential", "--max-isolates", "3"];
    server.deploy_with("slow", &slow, &asked).await;
    eventually("three isolates", async || (names(&server, "slow").await.len() == 3).then_some(()))
        .await;
    assert_eq!(server.tenant("slow").await["counters"]["starts"], 3);
}

#[tokio::test]
async fn one_isolate_is_all_that_some_may_have() {
    let server = Server::start().await;
    let busy = named("let n = 0; for (let i = 0; i < 2e7; i++) n ^= i * n");
    server.deploy_with("busy", &busy, &["--cpu-ms", "60000", "--max-isolates", "1"]).await;
    for _ in 0..4 {
        names(&server, "busy").await;
    }
    assert_eq!(server.tenant("busy").await["counters"]["starts"], 1);
}
