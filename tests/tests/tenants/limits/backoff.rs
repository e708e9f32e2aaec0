use insula_tests::{Server, eventually};

#[tokio::test]
async fn who_breaks_limits_over_and_over_has_to_wait() {
    let server = Server::start().await;
    server.handler("greedy", "(request) => { if (request.url.endsWith('/burn')) for (;;) {} return new Response('fine') }").await;
    server.handler("victim", "() => new Response('here')").await;
    let refused = eventually("a refusal", async || {
        let answer = server.get("greedy", "/burn").await;
        if answer.header("retry-after").is_empty() {
            answer.assert_error(503, "cpu-limit");
            return None;
        }
        Some(answer)
    })
    .await;
    refused.assert_error(503, "overloaded");
    let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((2..=5).contains(&seconds), "{seconds}");
    server.get("victim", "/").await.assert_ok("here");
    let mut tail = server.tail("greedy");
    tail.wait_for("the pause", |event| event["type"] == "backing-off").await;
    let shown = server.tenant("greedy").await;
    assert!(shown["counters"]["failures"]["backing-off"].as_u64() >= Some(1), "{shown}");
    // It passes.
    eventually("an isolate", async || {
        (server.get("greedy", "/").await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_bad_path_among_good_ones_costs_no_pause() {
    let server = Server::start().await;
    server.handler("mixed", "(request) => { if (request.url.endsWith('/burn')) for (;;) {} return new Response('fine') }").await;
    for _ in 0..15 {
        server.get("mixed", "/burn").await.assert_error(503, "cpu-limit");
        for _ in 0..50 {
            server.get("mixed", "/").await.assert_ok("fine");
        }
    }
}
