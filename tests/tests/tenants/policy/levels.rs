use insula_tests::{App, Process, Server};

use super::{audited, shown};

/// Answers `/burn` after 40 ms of CPU.
const BURN: &str = "(request) => {
    if (request.url.endsWith('/burn')) {
        let x = 0;
        for (let i = 0; i < 2e7; i++) x += i % 7;
        return new Response(`burnt ${x > 0}`);
    }
    return new Response('here');
}";

/// The cordon that a tenant's code runs in: the one that works while the tenant does.
async fn cordon_of(server: &Server, tenant: &str) -> Process {
    let before: Vec<_> = server.cordons().into_iter().map(|it| (it, it.cpu_nanos())).collect();
    server.get(tenant, "/burn").await.assert_ok("burnt true");
    let grown = |(cordon, before): &(Process, u64)| cordon.cpu_nanos().saturating_sub(*before);
    before.iter().max_by_key(|it| grown(it)).expect("a cordon").0
}

async fn deploy(server: &Server, tenant: &str) {
    server.deploy_with(tenant, &App::handler(BURN), &["--cpu-ms", "5000"]).await;
}

#[tokio::test]
async fn a_cordon_is_shared_by_tenants_of_one_level_alone() {
    let server = Server::start().await;
    // Beside the first, unless a second cordon is ready sooner: then that one fills.
    let free = ["d", "e", "f", "g", "h"].map(|tenant| (tenant, "free"));
    let mut free_ones = Vec::new();
    let mut paid = None;
    for (tenant, level) in [("b", "free"), ("c", "paid")].into_iter().chain(free) {
        // Before the first version, so that it is never elsewhere.
        server.insula(&["policy", "set", tenant, "--level", level]).await.succeeded();
        deploy(&server, tenant).await;
        server.get(tenant, "/").await.assert_ok("here");
        let cordon = cordon_of(&server, tenant).await;
        match level {
            "free" => free_ones.push(cordon),
            _ => paid = Some(cordon),
        }
    }
    let paid = paid.expect("one pays");
    assert!(!free_ones.contains(&paid), "{paid:?} is shared by two levels: {free_ones:?}");
    let shared = (0..free_ones.len()).any(|i| free_ones[i + 1..].contains(&free_ones[i]));
    assert!(shared, "tenants of one level share nothing: {free_ones:?}");

    // A change of level moves what runs already.
    server.insula(&["policy", "set", "b", "--level", "paid"]).await.succeeded();
    server.get("b", "/").await.assert_ok("here");
    let moved = cordon_of(&server, "b").await;
    assert!(!free_ones.contains(&moved), "{moved:?} is shared by two levels: {free_ones:?}");
    assert_eq!(shown(&server, "b").await["policy"]["level"], "paid");
    let (action, detail) = audited(&server, "b").await.remove(0);
    assert_eq!((action.as_str(), detail.as_str()), ("set-policy", r#"{"level":"paid"}"#));
}

#[tokio::test]
async fn a_policy_outlives_the_server_and_can_be_taken_back() {
    let server = Server::start().await;
    let set = ["policy", "set", "a", "--wall", "process", "--level", "free"];
    server.insula(&set).await.succeeded();
    // What is not named stays.
    server.insula(&["policy", "set", "a", "--egress-connections", "3"]).await.succeeded();
    deploy(&server, "a").await;
    let server = server.kill_and_restart().await;
    let tenant = shown(&server, "a").await;
    assert_eq!(tenant["wall"], "process");
    assert_eq!(tenant["policy"]["level"], "free");
    assert_eq!(tenant["policy"]["egress"]["connections"], 3);
    server.insula(&["policy", "reset", "a"]).await.succeeded();
    let tenant = shown(&server, "a").await;
    assert_eq!(tenant["wall"], "shared");
    assert_eq!(tenant["policy"]["level"], "default");
    server.get("a", "/").await.assert_ok("here");
}

#[tokio::test]
async fn what_the_operator_says_for_all_is_the_least() {
    let options = insula_tests::Options::config("[policy]\nwall = \"process\"\nlevel = \"free\"\n");
    let server = Server::with(options).await;
    server.deploy_with("a", &App::handler(BURN), &["--wall", "shared"]).await;
    let tenant = shown(&server, "a").await;
    assert_eq!((&tenant["wall"], &tenant["policy"]["level"]), (&"process".into(), &"free".into()));
}
