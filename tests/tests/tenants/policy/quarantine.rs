use std::time::Duration;

use insula_tests::{App, Server, eventually};

use super::{audited, shown};

/// A search that takes minutes, and does not look up from it.
const DEAF: &str = "(request) => {
    if (!request.url.endsWith('/deaf')) return new Response('fine');
    const text = 'a'.repeat(1 << 24);
    return new Response(String(text.indexOf('a'.repeat(1 << 16) + 'b')));
}";

#[tokio::test]
async fn who_ignores_an_interrupt_lives_alone_until_the_operator_says_otherwise() {
    let server = Server::start().await;
    server.handler("deaf", DEAF).await;
    server.handler("victim", "() => new Response('here')").await;
    server.get("deaf", "/").await.assert_ok("fine");
    server.get("victim", "/").await.assert_ok("here");
    server.get("deaf", "/deaf").await.assert_error(502, "cordon-crashed");
    server.get("victim", "/").await.assert_ok("here");
    eventually("the quarantine in the tenant's record", async || {
        shown(&server, "deaf").await["quarantine"]["why"].is_string().then_some(())
    })
    .await;
    assert_eq!(shown(&server, "deaf").await["wall"], "process");
    assert_eq!(shown(&server, "victim").await["wall"], "shared");
    assert!(shown(&server, "victim").await["quarantine"].is_null());
    // It is written down after the record.
    let detail = eventually("the quarantine in the audit log", async || {
        let (action, detail) = audited(&server, "deaf").await.remove(0);
        (action == "quarantine").then_some(detail)
    })
    .await;
    assert!(detail.contains("interrupted"), "{detail}");

    // It is served, and what it does now costs nobody else anything.
    server.get("deaf", "/").await.assert_ok("fine");
    let before = shown(&server, "victim").await["counters"]["starts"].clone();
    server.get("deaf", "/deaf").await.assert_error(502, "cordon-crashed");
    server.get("victim", "/").await.assert_ok("here");
    assert_eq!(shown(&server, "victim").await["counters"]["starts"], before);

    // Neither a restart nor a new version is the operator's word.
    let server = server.kill_and_restart().await;
    server.deploy_with("deaf", &App::handler(DEAF), &["--wall", "shared"]).await;
    assert_eq!(shown(&server, "deaf").await["wall"], "process");
    server.insula(&["release", "deaf"]).await.succeeded();
    assert_eq!(shown(&server, "deaf").await["wall"], "shared");
    server.get("deaf", "/").await.assert_ok("fine");
    assert_eq!(audited(&server, "deaf").await[0].0, "release");
    let again = server.insula(&["release", "deaf"]).await.failed(1);
    assert!(again.contains("not in quarantine"), "{again}");
}

#[tokio::test]
async fn who_is_released_at_once_moves_back_at_once() {
    let server = Server::start().await;
    server.handler("deaf", DEAF).await;
    server.get("deaf", "/").await.assert_ok("fine");
    // The second one has come before the quarantine has become a wall of another version; and nothing follows until
    // it has.
    let late = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.get("deaf", "/").await
    };
    let (deaf, late) = tokio::join!(server.get("deaf", "/deaf"), late);
    deaf.assert_error(502, "cordon-crashed");
    late.assert_ok("fine");
    eventually("the quarantine", async || {
        shown(&server, "deaf").await["quarantine"]["why"].is_string().then_some(())
    })
    .await;
    let starts = async || shown(&server, "deaf").await["counters"]["starts"].as_u64();
    let alone = starts().await;
    server.insula(&["release", "deaf"]).await.succeeded();
    eventually("an isolate elsewhere", async || {
        server.get("deaf", "/").await.assert_ok("fine");
        (starts().await > alone).then_some(())
    })
    .await;
}

/// Does what brings `deaf` into quarantine, and lets it out again.
async fn taken_in_and_let_out(server: &Server) {
    server.handler("deaf", DEAF).await;
    assert!(shown(server, "deaf").await["quarantine"].is_null());
    server.get("deaf", "/deaf").await.assert_error(502, "cordon-crashed");
    eventually("the quarantine", async || {
        shown(server, "deaf").await["quarantine"]["why"].is_string().then_some(())
    })
    .await;
    server.insula(&["release", "deaf"]).await.succeeded();
}

#[tokio::test]
async fn who_gets_the_name_of_a_deleted_tenant_is_not_in_its_quarantine() {
    let server = Server::start().await;
    server.handler("deaf", DEAF).await;
    server.get("deaf", "/deaf").await.assert_error(502, "cordon-crashed");
    eventually("the quarantine", async || {
        shown(&server, "deaf").await["quarantine"]["why"].is_string().then_some(())
    })
    .await;
    server.insula(&["delete", "deaf"]).await.succeeded();
    taken_in_and_let_out(&server).await;
}

#[tokio::test]
async fn what_a_deleted_tenant_does_last_is_not_held_against_the_next() {
    let server = Server::start().await;
    server.handler("deaf", DEAF).await;
    server.get("deaf", "/").await.assert_ok("fine");
    // Its request needs two seconds of a processor before it is known for what it is.
    let delete = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.insula(&["delete", "deaf"]).await.succeeded();
    };
    let (deaf, ()) = tokio::join!(server.get("deaf", "/deaf"), delete);
    deaf.assert_error(502, "cordon-crashed");
    taken_in_and_let_out(&server).await;
}

#[tokio::test]
async fn a_fault_is_held_against_the_tenant_on_whose_thread_it_was() {
    let server = Server::start().await;
    let burning = "(request) => {
        if (request.url.endsWith('/burn')) {
            let x = 0;
            for (let i = 0; i < 2e7; i++) x += i % 7;
        }
        return new Response('here');
    }";
    for tenant in ["bad", "good", "idle"] {
        server.deploy_with(tenant, &App::handler(burning), &["--cpu-ms", "5000"]).await;
        server.get(tenant, "/").await.assert_ok("here");
    }
    let cordons = server.cordons();
    let before: Vec<_> = cordons.iter().map(|cordon| cordon.isolate_threads()).collect();
    server.get("bad", "/burn").await.assert_ok("here");
    let grown = cordons.iter().zip(&before).flat_map(|(cordon, before)| {
        let was = |thread| before.iter().find(|(id, _)| *id == thread).map_or(0, |(_, was)| *was);
        cordon.isolate_threads().into_iter().map(move |(id, now)| (now - was(id), *cordon, id))
    });
    let (_, cordon, thread) = grown.max_by_key(|(grown, ..)| *grown).expect("a thread");
    cordon.fault_in(thread);
    for tenant in ["good", "idle", "bad"] {
        server.get(tenant, "/").await.assert_ok("here");
    }
    eventually("the quarantine", async || {
        shown(&server, "bad").await["quarantine"]["why"].is_string().then_some(())
    })
    .await;
    assert_eq!(shown(&server, "bad").await["quarantine"]["why"], "its code crashed a cordon");
    for tenant in ["good", "idle"] {
        assert!(shown(&server, tenant).await["quarantine"].is_null(), "{tenant}");
    }
}
