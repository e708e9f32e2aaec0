use insula_tests::{App, Server};

#[tokio::test]
async fn a_deploy_that_never_finishes_is_rejected() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('old')").await;
    for source in [
        "for (;;) {}\nexport default { fetch() {} };\n",
        "try { for (;;) {} } finally { for (;;) {} }\nexport default { fetch() {} };\n",
        "const again = () => Promise.resolve().then(again);\nawait again();\nexport default { fetch() {} };\n",
    ] {
        let shown = server.try_deploy("alice", &App::module(source), &[]).await.failed(1);
        assert!(shown.contains("start-up used up its CPU time"), "{shown}");
        server.get("alice", "/").await.assert_ok("old");
    }
}

#[tokio::test]
async fn code_that_only_starts_sometimes_is_told_apart() {
    let server = Server::start().await;
    // The clock decides: the deploy's own check passes, later starts do not.
    let source = format!(
        "if (Date.now() > {} + Number(1500)) throw new Error('too late');
        export default {{ async fetch() {{ await new Promise((r) => setTimeout(r, 1)); for (;;) {{}} }} }};",
        std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()
    );
    let app = App::module(&source);
    let run = server.try_deploy("alice", &app, &["--json"]).await;
    if run.code != Some(0) {
        // A machine so slow that the deploy itself was too late.
        return;
    }
    insula_tests::eventually("a start that fails", async || {
        let answer = server.get("alice", "/").await;
        (answer.header("insula-error") == "startup-failed").then_some(answer)
    })
    .await
    .assert_error(500, "startup-failed");
}
