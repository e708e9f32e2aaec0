use insula_tests::{App, Options, Server};

#[tokio::test]
async fn work_goes_on_after_the_response() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request, env, ctx) => {
                ctx.waitUntil((async () => { await new Promise((r) => setTimeout(r, 100)); console.log('afterwards') })());
                return new Response('at once');
            }",
        )
        .await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("at once");
    tail.wait_for_text("afterwards").await;
    tail.outcome("/").await;
}

#[tokio::test]
async fn its_failure_is_logged() {
    let server = Server::start().await;
    server
        .handler("alice", "(request, env, ctx) => { ctx.waitUntil(Promise.reject(new Error('too bad'))); return new Response('fine') }")
        .await;
    server.get("alice", "/").await.assert_ok("fine");
    server.tail("alice").wait_for_text("too bad").await;
}

#[tokio::test]
async fn it_ends_at_its_limit() {
    let server = Server::with(Options::config("[limits]\nwait_until_ms = 200\n")).await;
    let app = App::handler(
        "(request, env, ctx) => {
            if (request.url.endsWith('/quick')) return new Response('quick');
            request.signal.addEventListener('abort', () => console.log('cut off'));
            ctx.waitUntil(new Promise((r) => setTimeout(r, 600000)));
            return new Response('at once');
        }",
    );
    server.deploy("alice", &app).await;
    let mut tail = server.tail("alice");
    server.get("alice", "/long").await.assert_ok("at once");
    tail.outcome("/long").await;
    server.get("alice", "/quick").await.assert_ok("quick");
}
