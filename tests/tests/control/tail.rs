use insula_tests::{App, Server};

#[tokio::test]
async fn console_lines_arrive_with_level_and_request() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "(request) => {
                console.debug('d'); console.log('%s is %d', 'x', 42, { a: [1, new Map([[1, 2]])] }); console.info('i');
                console.warn('w'); console.error(new TypeError('bad'));
                return new Response('ok');
            }",
        )
        .await;
    let mut tail = server.tail("alice");
    server.get("alice", "/one").await.assert_ok("ok");
    let outcome = tail.outcome("/one").await;
    assert_eq!(outcome["status"], 200, "{outcome}");
    let lines: Vec<_> = tail.seen().iter().filter(|event| event["type"] == "log").collect();
    let levels: Vec<_> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["debug", "log", "info", "warn", "error"]);
    assert_eq!(lines[1]["text"], "x is 42 { a: [ 1, Map(1) { 1 => 2 } ] }");
    let error = lines[4]["text"].as_str().unwrap();
    assert!(error.contains("TypeError: bad"), "{error}");
    assert!(lines.iter().all(|line| line["request"] == outcome["request"]));
}

#[tokio::test]
async fn an_exception_shows_the_authors_line_also_after_a_restart() {
    let mut server = Server::start().await;
    let source = "export default {\n  fetch(request) {\n    null.absent;\n  },\n};\n";
    server.deploy("alice", &App::module(source)).await;
    for _ in 0..2 {
        let mut tail = server.tail("alice");
        assert_eq!(server.get("alice", "/oops").await.status, 500);
        let outcome = tail.outcome("/oops").await;
        let detail = &outcome["error"]["detail"];
        assert_eq!(detail["source_line"], "    null.absent;", "{outcome}");
        assert_eq!(detail["line"], 3, "{outcome}");
        server = server.kill_and_restart().await;
    }
}

#[tokio::test]
async fn tenants_see_only_their_own_events() {
    let server = Server::start().await;
    for tenant in ["alice", "bob"] {
        server
            .handler(
                tenant,
                &format!("() => {{ console.log('from {tenant}'); return new Response('') }}"),
            )
            .await;
    }
    let mut tail = server.tail("alice");
    for tenant in ["bob", "alice", "bob", "alice"] {
        server.get(tenant, "/").await;
    }
    tail.wait_for_text("from alice").await;
    tail.wait_for_text("from alice").await;
    assert!(!format!("{:?}", tail.seen()).contains("bob"), "{:?}", tail.seen());
}

#[tokio::test]
async fn it_ends_when_the_tenant_is_deleted() {
    let server = Server::start().await;
    server.deploy("alice", &App::handler("() => new Response('')")).await;
    let mut tail = server.tail("alice");
    server.get("alice", "/").await;
    tail.outcome("/").await;
    server.insula(&["delete", "alice"]).await.succeeded();
    tail.end().await;
}
