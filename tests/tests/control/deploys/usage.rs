use insula_tests::{App, Server};

#[tokio::test]
async fn wrong_flags_exit_with_2() {
    let server = Server::start().await;
    let app = App::handler("() => new Response('here')");
    for flags in
        [&["--cpu-ms", "fast"][..], &["--colour"], &["--reuse", "never"], &["--var", "novalue"]]
    {
        let shown = server.try_deploy("alice", &app, flags).await.failed(2);
        assert!(shown.contains(flags[0]), "{shown}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_exits_with_1() {
    let server = Server::start().await;
    let run = server.insula(&["deploy", "/nonexistent/app.js", "--tenant", "alice"]).await;
    let shown = run.failed(1);
    assert!(shown.contains("/nonexistent/app.js"), "{shown}");
}

#[tokio::test]
async fn tenants_that_are_not_there_exit_with_1() {
    let server = Server::start().await;
    for args in [
        &["tenants", "show", "nobody"][..],
        &["deployments", "nobody"],
        &["rollback", "nobody"],
        &["delete", "nobody"],
        &["tail", "nobody"],
    ] {
        let shown = server.insula(args).await.failed(1);
        assert!(shown.contains("nobody"), "{args:?}: {shown}");
    }
}
