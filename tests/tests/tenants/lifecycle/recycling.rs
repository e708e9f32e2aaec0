use std::collections::HashSet;

use insula_tests::{Options, Process, Server, get};

fn ids(cordons: &[Process]) -> HashSet<i32> {
    cordons.iter().map(|cordon| cordon.id()).collect()
}

#[tokio::test]
async fn a_worn_cordon_is_replaced_without_a_failed_request() {
    // Each of the tenants' isolates counts, and so do the blank ones that wait for a tenant.
    let server = Server::with(Options::config("[capacity]\ncordon_starts = 9\n")).await;
    let names: Vec<_> = (0..6).map(|n| format!("t{n}")).collect();
    for name in &names {
        server.handler(name, "() => new Response('here')").await;
    }
    let before = ids(&server.cordons());
    let mut connection = server.connect().await;
    let mut asked = 0;
    loop {
        for name in &names {
            connection.send(get(name, "/")).await.assert_ok("here");
            asked += 1;
        }
        let now = ids(&server.cordons());
        if asked > 100 && !now.is_empty() && now.is_disjoint(&before) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(server.log().contains("a cordon is replaced"));
    for name in &names {
        let counters = &server.tenant(name).await["counters"];
        assert_eq!(counters["failed"], 0, "{counters}");
    }
}
