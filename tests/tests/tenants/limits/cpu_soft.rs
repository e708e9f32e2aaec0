use insula_tests::{App, Options, Server};

#[tokio::test]
async fn a_soft_limit_is_told_and_the_isolate_replaced_when_it_is_done() {
    // A hundred milliseconds out of ten seconds.
    let server =
        Server::with(Options::config("[limits]\ncpu_ms = 10000\ncpu_soft_percent = 1\n")).await;
    let app = App::module(
        "const name = crypto.randomUUID();
        export default { async fetch(request) {
            let n = 0;
            if (request.url.endsWith('/heavy')) for (let i = 0; i < 4e8; i++) n ^= i * n;
            return new Response(name);
        } };",
    );
    server.deploy("alice", &app).await;
    let mut tail = server.tail("alice");
    let first = server.get("alice", "/").await;
    assert_eq!(server.get("alice", "/").await.text(), first.text());
    let heavy = server.get("alice", "/heavy").await;
    // It is answered, and by the same isolate.
    heavy.assert_ok(first.text());
    let breach = tail.wait_for("the breach", |event| event["type"] == "breach").await;
    assert_eq!(breach["limit"], "cpu-soft");
    let outcome = tail.outcome("/heavy").await;
    assert_eq!(breach["request"], outcome["request"]);
    assert!(outcome["cpu_us"].as_u64() >= Some(100_000), "{outcome}");
    assert_ne!(server.get("alice", "/").await.text(), first.text());
    let counters = &server.tenant("alice").await["counters"];
    assert_eq!(counters["breaches"]["cpu-soft"], 1, "{counters}");
    assert_eq!(counters["evictions"]["cpu-soft"], 1, "{counters}");
    assert_eq!(counters["failed"], 0, "{counters}");
}

#[tokio::test]
async fn a_breach_tells_what_the_request_has_used() {
    let server = Server::start().await;
    server.handler("greedy", "() => { for (;;) {} }").await;
    let mut tail = server.tail("greedy");
    server.get("greedy", "/").await.assert_error(503, "cpu-limit");
    let breach = tail.wait_for("the breach", |event| event["type"] == "breach").await;
    let outcome = tail.outcome("/").await;
    assert!(outcome["cpu_us"].as_u64() >= Some(50_000), "{outcome}");
    assert_eq!((&breach["limit"], &breach["request"]), (&"cpu-limit".into(), &outcome["request"]));
}
