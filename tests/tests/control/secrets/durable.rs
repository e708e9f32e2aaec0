use insula_tests::Server;

const SHOW: &str = "(request, env) => new Response(String(env.KEY))";

async fn put(server: &Server, tenant: &str, value: &str) {
    let put = server.command(&["secret", "put", tenant, "KEY"]).input(value.as_bytes());
    put.run().await.succeeded();
}

#[tokio::test]
async fn what_became_of_a_secret_survives_kill_9() {
    let server = Server::start().await;
    for tenant in ["kept", "changed", "deleted"] {
        server.handler(tenant, SHOW).await;
        put(&server, tenant, "first").await;
    }
    put(&server, "changed", "second").await;
    server.insula(&["secret", "delete", "deleted", "KEY"]).await.succeeded();
    let server = server.kill_and_restart().await;
    for (tenant, value) in [("kept", "first"), ("changed", "second"), ("deleted", "undefined")] {
        server.get(tenant, "/").await.assert_ok(value);
    }
    put(&server, "kept", "third").await;
    let server = server.kill_and_restart().await;
    server.get("kept", "/").await.assert_ok("third");
}

#[tokio::test]
async fn a_kill_in_the_middle_of_changes_leaves_the_last_acknowledged_value_or_the_one_after() {
    let server = Server::start().await;
    server.handler("alice", SHOW).await;
    put(&server, "alice", "0").await;
    let process = server.process();
    let mut acknowledged = 0;
    for number in 1..=60 {
        if number == 20 {
            // The next ones race with the end of the server.
            tokio::spawn(async move { process.kill() });
        }
        let put = server.command(&["secret", "put", "alice", "KEY"]);
        if put.input(number.to_string().as_bytes()).run().await.code != Some(0) {
            break;
        }
        acknowledged = number;
    }
    assert!((19..60).contains(&acknowledged), "{acknowledged} changes");
    let server = server.kill_and_restart().await;
    let live: usize = server.get("alice", "/").await.text().parse().unwrap();
    assert!(live == acknowledged || live == acknowledged + 1, "{live} after {acknowledged}");
}
