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
    let (action, detail) = audited(&server, "deaf").await.remove(0);
    assert_eq!(action, "quarantine");
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
