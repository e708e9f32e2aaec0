use insula_tests::{App, Options, Server};

/// Says why it goes, and takes a moment for its last words.
const PARTING: &str = "addEventListener('beforeunload', (event) => {
    console.log(`parting: ${event.reason} ${event.detail.reason} ${event.isTrusted}`);
    event.waitUntil(new Promise((done) => setTimeout(() => { console.log('last words'); done() }, 20)));
});
export default { fetch: () => new Response('here') };";

#[tokio::test]
async fn a_replaced_isolate_hears_why_and_may_finish() {
    let server = Server::start().await;
    server.deploy("alice", &App::module(PARTING)).await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("here");
    tail.outcome("/").await;
    server.handler("alice", "() => new Response('new')").await;
    tail.wait_for_text("parting: replaced replaced true").await;
    tail.wait_for_text("last words").await;
    server.get("alice", "/").await.assert_ok("new");
}

#[tokio::test]
async fn an_evicted_isolate_hears_why() {
    let server = Server::with(Options::config("[capacity]\nisolates = 1\n")).await;
    server.deploy("alice", &App::module(PARTING)).await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("here");
    server.handler("other", "() => new Response('there')").await;
    server.get("other", "/").await.assert_ok("there");
    tail.wait_for_text("parting: evicted").await;
}

#[tokio::test]
async fn a_listener_that_never_ends_does_not_keep_its_isolate() {
    let server = Server::start().await;
    let clinging = "addEventListener('beforeunload', (event) => {
        console.log('clinging');
        event.waitUntil(new Promise(() => setInterval(() => {}, 10)));
    });
    export default { fetch: () => new Response('here') };";
    server.deploy("alice", &App::module(clinging)).await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("here");
    server.handler("alice", "() => new Response('new')").await;
    tail.wait_for_text("clinging").await;
    server.get("alice", "/").await.assert_ok("new");
    insula_tests::eventually("the old isolate to end", async || {
        (server.tenant("alice").await["counters"]["isolates"] == 1).then_some(())
    })
    .await;
}
