use std::time::Duration;

use insula_tests::{Server, eventually};
use serde_json::Value;

async fn counters(server: &Server, tenant: &str) -> Value {
    server.tenant(tenant).await["counters"].take()
}

/// Computes for about 20 ms.
const COMPUTES: &str = "() => {
    let n = 0;
    for (let i = 0; i < 1 << 22; i++) n = (n * 31 + i) | 0;
    return new Response('computed');
}";

#[tokio::test]
async fn who_computes_much_moves_away_and_no_request_fails() {
    let server = Server::start().await;
    server.handler("calm", "() => new Response('here')").await;
    server.handler("busy", COMPUTES).await;
    server.get("calm", "/").await.assert_ok("here");
    let before = server.cordons().len();
    eventually("the busy one to move", async || {
        // Two at once, so that one is in flight when the isolate is told to go.
        let asked = [server.get("busy", "/"), server.get("busy", "/")];
        for answer in futures_util::future::join_all(asked).await {
            answer.assert_ok("computed");
        }
        (counters(&server, "busy").await["evictions"]["moved"].as_u64() >= Some(1)).then_some(())
    })
    .await;
    let busy = counters(&server, "busy").await;
    assert_eq!((&busy["heavy"], &busy["failed"]), (&true.into(), &0.into()), "{busy}");
    server.get("busy", "/").await.assert_ok("computed");
    assert_eq!(server.cordons().len(), before + 1, "a cordon more");
    // Who computes little has noticed nothing.
    server.get("calm", "/").await.assert_ok("here");
    let calm = counters(&server, "calm").await;
    assert_eq!((&calm["heavy"], &calm["starts"]), (&false.into(), &1.into()), "{calm}");
    let shown = server.command(&["tenants", "show", "busy"]).run().await.succeeded();
    assert!(shown.contains("isolates among those that compute much"), "{shown}");
}

#[tokio::test]
async fn who_breaks_limits_moves_away_at_once() {
    let server = Server::start().await;
    server.handler("calm", "() => new Response('here')").await;
    server.handler("greedy", "() => { for (;;) {} }").await;
    server.get("calm", "/").await.assert_ok("here");
    server.get("greedy", "/").await.assert_error(503, "cpu-limit");
    eventually("the breach to count", async || {
        counters(&server, "greedy").await["heavy"].as_bool().filter(|heavy| *heavy)
    })
    .await;
}

#[tokio::test]
async fn who_is_alone_has_nobody_to_move_away_from() {
    let server = Server::start().await;
    server.handler("busy", COMPUTES).await;
    eventually("it to count as heavy", async || {
        server.get("busy", "/").await.assert_ok("computed");
        counters(&server, "busy").await["heavy"].as_bool().filter(|heavy| *heavy)
    })
    .await;
    let before = server.cordons().len();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.get("busy", "/").await.assert_ok("computed");
    let busy = counters(&server, "busy").await;
    assert_eq!(busy["evictions"]["moved"], Value::Null, "{busy}");
    assert_eq!(server.cordons().len(), before);
}
