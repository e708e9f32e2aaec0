use insula_tests::{App, Server};

#[tokio::test]
async fn every_acknowledged_deploy_survives_kill_9() {
    let server = Server::start().await;
    for number in 0..5 {
        let tenant = format!("tenant-{number}");
        server.handler(&tenant, &format!("() => new Response('old {number}')")).await;
        server
            .handler(&tenant, &format!("(request, env) => new Response('new {number} ' + env.KEY)"))
            .await;
        server.command(&["secret", "put", &tenant, "KEY"]).input(b"kept").run().await.succeeded();
    }
    server.insula(&["delete", "tenant-4"]).await.succeeded();
    let server = server.kill_and_restart().await;
    for number in 0..4 {
        let answer = server.get(&format!("tenant-{number}"), "/").await;
        answer.assert_ok(&format!("new {number} kept"));
    }
    server.get("tenant-4", "/").await.assert_error(404, "no-such-tenant");
    server.insula(&["rollback", "tenant-0"]).await.succeeded();
    server.get("tenant-0", "/").await.assert_ok("old 0");
}

#[tokio::test]
async fn a_kill_in_the_middle_of_deploys_loses_none_that_was_acknowledged() {
    let server = Server::start().await;
    let apps: Vec<App> =
        (1..=40).map(|n| App::handler(&format!("() => new Response('{n}')"))).collect();
    let process = server.process();
    let mut acknowledged = 0;
    for (deployed, app) in apps.iter().enumerate() {
        if deployed == 10 {
            // The next ones race with the end of the server.
            tokio::spawn(async move { process.kill() });
        }
        if server.try_deploy("alice", app, &[]).await.code != Some(0) {
            break;
        }
        acknowledged = deployed + 1;
    }
    assert!((10..40).contains(&acknowledged), "{acknowledged} deploys");
    let server = server.kill_and_restart().await;
    let answer = server.get("alice", "/").await;
    let live: usize = answer.text().parse().unwrap();
    // One more may have been stored without its answer getting out.
    assert!(live == acknowledged || live == acknowledged + 1, "{live} after {acknowledged}");
}
