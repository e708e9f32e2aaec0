use insula_tests::{App, Server};

async fn serves(source: &str) -> Server {
    let server = Server::start().await;
    server.deploy("alice", &App::module(source)).await;
    server
}

#[tokio::test]
async fn a_listener_answers() {
    let server = serves(
        "addEventListener('fetch', (event) => {
            event.respondWith((async () => new Response(event.request.method + ' ' + new URL(event.request.url).pathname))());
        });",
    )
    .await;
    server.get("alice", "/a/b").await.assert_ok("GET /a/b");
    server.post("alice", "/c", "x").await.assert_ok("POST /c");
}

#[tokio::test]
async fn answering_twice_throws_and_the_first_answer_counts() {
    let server = serves(
        "addEventListener('fetch', (event) => {
            event.respondWith(new Response('first'));
            try { event.respondWith(new Response('second')) } catch (error) { console.log('refused', error.name) }
        });",
    )
    .await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("first");
    tail.wait_for_text("refused InvalidStateError").await;
}

#[tokio::test]
async fn two_listeners_that_answer_are_no_two_answers() {
    let server = serves(
        "addEventListener('fetch', (event) => event.respondWith(new Response('first')));
        addEventListener('fetch', (event) => event.respondWith(new Response('second')));",
    )
    .await;
    server.get("alice", "/").await.assert_ok("first");
}

#[tokio::test]
async fn a_listener_that_does_not_answer_is_logged() {
    let server = serves("addEventListener('fetch', () => {});").await;
    server.get("alice", "/").await.assert_error(500, "tenant-exception");
    let outcome = server.tail("alice").outcome("/").await;
    assert_eq!(outcome["error"]["blame"], "tenant", "{outcome}");
}

#[tokio::test]
async fn a_default_export_comes_before_listeners() {
    let server = serves(
        "addEventListener('fetch', (event) => event.respondWith(new Response('listener')));
        export default { fetch: () => new Response('export') };",
    )
    .await;
    server.get("alice", "/").await.assert_ok("export");
}
