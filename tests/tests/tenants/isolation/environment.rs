use insula_tests::{App, Server};
use serde_json::json;

const SHOW: &str =
    "(request, env) => Response.json({ env, global: typeof SECRET, process: { ...process.env } })";

#[tokio::test]
async fn variables_and_secrets_reach_only_their_tenant() {
    let server = Server::start().await;
    server
        .deploy_with("alice", &App::handler(SHOW), &["--var", "COLOUR=red", "--var", "EQ=a=b"])
        .await;
    server.deploy_with("bob", &App::handler(SHOW), &["--var", "COLOUR=blue"]).await;
    for tenant in ["alice", "bob"] {
        let value = format!("{tenant}'s own\n");
        let put = server.command(&["secret", "put", tenant, "SECRET"]).input(value.as_bytes());
        put.run().await.succeeded();
    }
    for (tenant, own) in [
        ("alice", json!({ "COLOUR": "red", "EQ": "a=b", "SECRET": "alice's own" })),
        ("bob", json!({ "COLOUR": "blue", "SECRET": "bob's own" })),
    ] {
        let seen = server.get(tenant, "/").await.json();
        assert_eq!(seen, json!({ "env": own, "global": "undefined", "process": own }));
    }
    let listed = server.insula(&["secret", "list", "bob", "--json"]).await.json();
    assert_eq!(listed, json!({ "secrets": ["SECRET"] }));
}

#[tokio::test]
async fn a_secret_that_was_deleted_is_gone() {
    let server = Server::start().await;
    server.handler("alice", "(request, env) => new Response(String(env.KEY))").await;
    server.command(&["secret", "put", "alice", "KEY"]).input(b"v").run().await.succeeded();
    server.get("alice", "/").await.assert_ok("v");
    server.insula(&["secret", "delete", "alice", "KEY"]).await.succeeded();
    server.get("alice", "/").await.assert_ok("undefined");
}

#[tokio::test]
async fn the_servers_environment_stays_outside() {
    let server = Server::start().await;
    server.handler("alice", "() => Response.json(Object.getOwnPropertyNames(globalThis).filter((name) => /^(HOME|PATH|Bun|require|read|load|os)$/.test(name)))").await;
    assert_eq!(server.get("alice", "/").await.json(), json!([]));
    for cordon in server.cordons() {
        let environment = std::fs::read(format!("/proc/{}/environ", cordon.id())).unwrap();
        assert_eq!(String::from_utf8_lossy(&environment), "", "the cordon's environment");
    }
}
