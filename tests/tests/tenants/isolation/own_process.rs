use insula_tests::{App, Process, Server, eventually};

/// Deploys a tenant in a cordon of its own, and sees it answer.
async fn deploy_in_own_process(server: &Server, tenant: &str) {
    let app = App::handler("() => new Response('alone')");
    server.deploy_with(tenant, &app, &["--wall", "process"]).await;
    server.get(tenant, "/").await.assert_ok("alone");
}

#[tokio::test]
async fn a_tenant_behind_the_process_wall_outlives_the_shared_cordons() {
    let server = Server::start().await;
    server.handler("shared", "() => new Response('together')").await;
    server.get("shared", "/").await.assert_ok("together");
    let shared: Vec<Process> = server.cordons();
    deploy_in_own_process(&server, "alice").await;
    deploy_in_own_process(&server, "bob").await;
    let shown = server.insula(&["tenants", "show", "alice", "--json"]).await;
    assert!(shown.stdout.contains(r#""wall": "process""#), "{}", shown.stdout);
    let before = starts(&server, "alice").await;
    for cordon in &shared {
        cordon.kill();
    }
    for tenant in ["alice", "bob"] {
        server.get(tenant, "/").await.assert_ok("alone");
    }
    // Whether or not their end has been noticed: what they do not see, another one gets.
    server.get("shared", "/").await.assert_ok("together");
    eventually("the end of the shared cordons", async || {
        shared.iter().all(|cordon| !cordon.is_alive()).then_some(())
    })
    .await;
    assert_eq!(starts(&server, "alice").await, before, "its isolate is the one from before");
}

/// How many isolates were started for a tenant.
async fn starts(server: &Server, tenant: &str) -> u64 {
    let shown = server.insula(&["tenants", "show", tenant, "--json"]).await;
    let tenant: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    tenant["counters"]["starts"].as_u64().expect("a count")
}
