use insula_tests::{Connection, Server, empty};

/// The text of `/metrics`.
async fn scrape(server: &Server) -> String {
    let token = std::fs::read_to_string(server.data().join("admin-token")).expect("a token");
    let request = http::Request::get("/metrics")
        .header("host", "admin")
        .header("authorization", format!("Bearer {}", token.trim()));
    let mut connection = Connection::http1(server.admin()).await;
    let answer = connection.send(request.body(empty()).expect("a request")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    answer.text().to_owned()
}

/// The value of the sample that a line begins with `name`.
fn value(text: &str, name: &str) -> f64 {
    let line =
        text.lines().find(|line| line.strip_prefix(name).is_some_and(|l| l.starts_with(' ')));
    let line = line.unwrap_or_else(|| panic!("no {name} in\n{text}"));
    line[name.len()..].trim().parse().expect("a number")
}

#[tokio::test]
async fn every_tenant_has_its_numbers() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request) => {
                if (request.url.endsWith('/burn')) for (;;) {}
                if (request.url.endsWith('/throw')) throw new Error('no');
                return new Response('here')
            }",
        )
        .await;
    server.handler("bob", "() => new Response('there')").await;
    for _ in 0..3 {
        server.get("alice", "/").await.assert_ok("here");
    }
    server.get("alice", "/throw").await.assert_error(500, "tenant-exception");
    server.get("alice", "/burn").await.assert_error(503, "cpu-limit");
    server.get("bob", "/").await.assert_ok("there");

    // What has been answered may be counted a moment later.
    let text = insula_tests::eventually("all requests to be counted", async || {
        let text = scrape(&server).await;
        text.contains("outcome=\"cpu-limit\"").then_some(text)
    })
    .await;
    for (name, expected) in [
        (r#"insula_tenant_requests_total{tenant="alice",outcome="ok"}"#, 3.0),
        (r#"insula_tenant_requests_total{tenant="alice",outcome="tenant-exception"}"#, 1.0),
        (r#"insula_tenant_requests_total{tenant="alice",outcome="cpu-limit"}"#, 1.0),
        (r#"insula_tenant_limit_breaches_total{tenant="alice",limit="cpu-limit"}"#, 1.0),
        (r#"insula_tenant_requests_total{tenant="bob",outcome="ok"}"#, 1.0),
        (r#"insula_tenant_cold_starts_total{tenant="bob"}"#, 1.0),
        (r#"insula_tenant_isolates{tenant="bob"}"#, 1.0),
    ] {
        assert_eq!(value(&text, name), expected, "{name}\n{text}");
    }
    assert!(value(&text, r#"insula_tenant_cpu_seconds_total{tenant="alice"}"#) >= 0.05, "{text}");
    assert!(value(&text, r#"insula_tenant_memory_bytes{tenant="bob"}"#) > 100_000.0, "{text}");
    assert!(value(&text, "insula_cordons") >= 1.0);
    assert!(text.ends_with("# EOF\n"));
    // A tenant that is no more leaves nothing behind.
    server.insula(&["delete", "bob"]).await.succeeded();
    assert!(!scrape(&server).await.contains("bob"));
}
