use std::time::SystemTime;

use insula_tests::{App, Server, eventually};

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
async fn code_that_starts_only_sometimes_fails_only_sometimes() {
    let server = Server::start().await;
    let app = App::module(
        "if (crypto.getRandomValues(new Uint8Array(1))[0] % 2) throw new Error('bad luck');
        export default { fetch: () => new Response('good luck') };",
    );
    eventually("a deploy that starts", async || {
        let run = server.try_deploy("alice", &app, &["--reuse", "oneshot"]).await;
        (run.code == Some(0)).then_some(())
    })
    .await;
    for status in [200, 500, 200] {
        let answer = eventually("the other luck", async || {
            let answer = server.get("alice", "/").await;
            (answer.status == status).then_some(answer)
        })
        .await;
        match status {
            200 => answer.assert_ok("good luck"),
            _ => answer.assert_error(500, "startup-failed"),
        }
    }
}

/// A thread's clock runs on while a hypervisor stops the machine; who is too slow by nature is so twice. The first
/// start takes the 400 ms that it may; the second begins after them.
#[tokio::test]
async fn a_deploy_that_was_slow_once_goes_live() {
    let server = Server::start().await;
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let app = App::module(&format!(
        "if (Date.now() < {}) for (;;) {{}}
        export default {{ fetch: () => new Response('at last') }};",
        now.as_millis() + 390,
    ));
    server.deploy("alice", &app).await;
    server.get("alice", "/").await.assert_ok("at last");
}
