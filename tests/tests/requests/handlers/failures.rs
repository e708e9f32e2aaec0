//! What a client and the tenant's log get when a handler does what it must not.

use insula_tests::{App, Server};

/// One request to `handler`; asserts the client's answer and that the log says `logged`.
async fn fails(handler: &str, logged: &str) {
    let server = Server::start().await;
    server.handler("alice", handler).await;
    let mut tail = server.tail("alice");
    let answer = server.get("alice", "/").await;
    answer.assert_error(500, "tenant-exception");
    assert!(!answer.text().contains(logged), "the client is told: {}", answer.text());
    let outcome = tail.outcome("/").await;
    let message = outcome["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(logged), "{logged:?} is not in {outcome}");
}

#[tokio::test]
async fn a_throw() {
    fails("() => { throw new RangeError('on purpose') }", "RangeError: on purpose").await;
}

#[tokio::test]
async fn a_throw_after_a_wait() {
    fails(
        "async () => { await 1; await new Promise((r) => setTimeout(r, 2)); null.x }",
        "TypeError",
    )
    .await;
}

#[tokio::test]
async fn a_throw_of_what_is_no_error() {
    fails("() => { throw 'only text' }", "only text").await;
    fails("async () => { throw undefined }", "undefined").await;
}

#[tokio::test]
async fn a_throw_of_an_object_that_fights_back() {
    fails(
        "() => { throw new Proxy({}, { get() { throw new Error('trap') }, getPrototypeOf() { throw 1 } }) }",
        "the handler threw",
    )
    .await;
    fails("() => { throw { toString() { throw new Error('inner') } } }", "the handler threw").await;
}

#[tokio::test]
async fn a_stack_overflow() {
    fails("() => { const f = () => f() + 1; return f() }", "too much recursion").await;
}

#[tokio::test]
async fn an_object_instead_of_a_response() {
    fails("() => ({ status: 200, body: 'x' })", "not a Response").await;
}

#[tokio::test]
async fn nothing_instead_of_a_response() {
    fails("async () => {}", "not a Response").await;
    fails("() => null", "not a Response").await;
}

#[tokio::test]
async fn a_lookalike_of_a_response() {
    fails("() => Object.create(Response.prototype)", "not a Response").await;
}

#[tokio::test]
async fn a_promise_that_nothing_can_settle() {
    fails("() => new Promise(() => {})", "never happen").await;
}

#[tokio::test]
async fn a_body_that_was_already_used() {
    fails("async () => { const r = new Response('x'); await r.text(); return r }", "already").await;
    fails(
        "() => { const r = new Response(new ReadableStream()); r.body.getReader(); return r }",
        "already",
    )
    .await;
}

#[tokio::test]
async fn one_response_for_two_requests() {
    let server = Server::start().await;
    server
        .deploy(
            "alice",
            &App::module("const r = new Response('once');\nexport default { fetch: () => r };\n"),
        )
        .await;
    server.get("alice", "/").await.assert_ok("once");
    server.get("alice", "/").await.assert_error(500, "tenant-exception");
}

#[tokio::test]
async fn a_failure_is_json_for_who_prefers_it() {
    let server = Server::start().await;
    server.handler("alice", "() => { throw new Error('secret') }").await;
    let request = http::Request::get("/")
        .header("host", "alice.localhost")
        .header("accept", "application/json");
    let answer = server.send(request.body(insula_tests::empty()).unwrap()).await;
    assert_eq!(answer.json()["error"]["code"], "tenant-exception");
    assert!(!answer.text().contains("secret"));
}

#[tokio::test]
async fn a_rejection_that_nobody_handles_is_logged_and_harms_nobody() {
    let server = Server::start().await;
    server
        .handler("alice", "() => { Promise.reject(new Error('nobody cares')); setTimeout(() => { throw new Error('in a timer') }, 1); return new Response('fine') }")
        .await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await.assert_ok("fine");
    tail.wait_for_text("nobody cares").await;
    server.get("alice", "/").await.assert_ok("fine");
}

#[tokio::test]
async fn a_handlers_success_does_not_hide_a_timers_exception() {
    let server = Server::start().await;
    server
        .handler("alice", "async () => { setTimeout(() => { throw new Error('in a timer') }, 1); await new Promise((r) => setTimeout(r, 20)); return new Response('fine') }")
        .await;
    server.get("alice", "/").await.assert_ok("fine");
    let event = server.tail("alice").wait_for_text("in a timer").await;
    assert_eq!(event["type"], "exception");
    assert_eq!(event["detail"]["line"], 1, "{event}");
}

#[tokio::test]
async fn a_body_that_fails_half_way_breaks_off() {
    let server = Server::start().await;
    server
        .handler("alice", "() => new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('half')); setTimeout(() => c.error(new Error('torn')), 5) } }))")
        .await;
    let mut connection = server.connect().await;
    let answer = connection.try_send(insula_tests::get("alice", "/")).await;
    assert!(answer.is_err(), "a torn body must not look whole: {answer:?}");
    server.tail("alice").wait_for_text("torn").await;
}
