use insula_tests::{App, Server};

async fn three_versions() -> (Server, Vec<String>) {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for number in 1..=3 {
        let app = App::handler(&format!("() => new Response('v{number}')"));
        let deployed = server.deploy("alice", &app).await;
        assert_eq!(deployed["number"], number);
        assert!(deployed["startup_cpu_us"].as_u64().unwrap() > 0, "{deployed}");
        ids.push(deployed["id"].as_str().unwrap().to_owned());
    }
    (server, ids)
}

#[tokio::test]
async fn are_listed_newest_first() {
    let (server, ids) = three_versions().await;
    let listed = server.insula(&["deployments", "alice", "--json"]).await.json();
    let listed = listed["deployments"].as_array().unwrap();
    let newest_first: Vec<_> = listed.iter().map(|each| each["id"].as_str().unwrap()).collect();
    assert_eq!(newest_first, ids.iter().rev().collect::<Vec<_>>());
    let active: Vec<_> = listed.iter().map(|each| each["active"] == true).collect();
    assert_eq!(active, [true, false, false]);
}

#[tokio::test]
async fn can_be_gone_back_to() {
    let (server, ids) = three_versions().await;
    server.get("alice", "/").await.assert_ok("v3");
    server.insula(&["rollback", "alice"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("v2");
    server.insula(&["rollback", "alice", &ids[0]]).await.succeeded();
    server.get("alice", "/").await.assert_ok("v1");
    server.insula(&["rollback", "alice", "v3"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("v3");
    server.insula(&["rollback", "alice", "v9"]).await.failed(1);
    server.get("alice", "/").await.assert_ok("v3");
}

#[tokio::test]
async fn go_with_their_tenant() {
    let (server, _) = three_versions().await;
    server.handler("bob", "() => new Response('bob')").await;
    server.insula(&["delete", "alice"]).await.succeeded();
    server.get("alice", "/").await.assert_error(404, "no-such-tenant");
    server.get("bob", "/").await.assert_ok("bob");
    server.insula(&["deployments", "alice"]).await.failed(1);
    // The name is free again, and knows nothing of before.
    server.handler("alice", "(request, env) => new Response('new')").await;
    server.get("alice", "/").await.assert_ok("new");
    let listed = server.insula(&["deployments", "alice", "--json"]).await.json();
    assert_eq!(listed["deployments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn keep_their_variables_and_limits() {
    let server = Server::start().await;
    let app = App::handler("(request, env) => new Response(env.NAME)");
    server.deploy_with("alice", &app, &["--var", "NAME=one"]).await;
    server.deploy_with("alice", &app, &["--var", "NAME=two", "--cpu-ms", "77"]).await;
    let shown = server.insula(&["tenants", "show", "alice", "--json"]).await.json();
    assert_eq!(shown["limits"]["cpu_ms"], 77, "{shown}");
    server.get("alice", "/").await.assert_ok("two");
    server.insula(&["rollback", "alice"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("one");
    let shown = server.insula(&["tenants", "show", "alice", "--json"]).await.json();
    assert_eq!(shown["limits"]["cpu_ms"], 50, "{shown}");
}
