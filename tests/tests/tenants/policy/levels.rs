use insula_tests::{App, Process, Server, eventually};

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

/// Waits until there are so many cordons beside `others`; returns these.
async fn cordons_beside(server: &Server, others: &[Process], number: usize) -> Vec<Process> {
    eventually(&format!("{number} cordons beside {others:?}"), async || {
        let mut cordons = server.cordons();
        cordons.retain(|cordon| !others.contains(cordon));
        (cordons.len() == number).then_some(cordons)
    })
    .await
}

#[tokio::test]
async fn who_has_left_a_level_leaves_no_cordons_there() {
    let server = Server::start().await;
    let first = cordons_beside(&server, &[], 2).await;
    let live = async |tenant, flags: &[&str]| {
        server.insula(&[&["policy", "set", tenant], flags].concat()).await.succeeded();
        server.handler(tenant, "() => new Response('here')").await;
    };
    // Nobody ever asks for it: its cordons are there for its first request all the same.
    live("idle", &["--level", "idle"]).await;
    let idle = cordons_beside(&server, &first, 2).await;
    let used = [first, idle].concat();
    live("free", &["--level", "free"]).await;
    live("own", &["--wall", "process"]).await;
    for tenant in ["free", "own"] {
        server.get(tenant, "/").await.assert_ok("here");
    }
    // Two for the level, one that is somebody's own, and two for who comes next.
    let others = cordons_beside(&server, &used, 5).await;
    for tenant in ["free", "own"] {
        server.insula(&["delete", tenant]).await.succeeded();
    }
    cordons_beside(&server, &used, 0).await;
    assert!(others.iter().all(|cordon| !cordon.is_alive()));
    assert!(used.iter().all(|cordon| cordon.is_alive()), "those went that have tenants");
    server.get("idle", "/").await.assert_ok("here");
    // Somebody may come there again.
    live("late", &["--level", "free"]).await;
    server.get("late", "/").await.assert_ok("here");
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
