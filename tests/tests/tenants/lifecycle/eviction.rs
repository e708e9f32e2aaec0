use insula_tests::{App, Options, Server, eventually};

async fn isolates(server: &Server, tenant: &str) -> u64 {
    server.tenant(tenant).await["counters"]["isolates"].as_u64().expect("a number")
}

async fn evicted(server: &Server, tenant: &str) -> Option<u64> {
    server.tenant(tenant).await["counters"]["evictions"]["evicted"].as_u64()
}

#[tokio::test]
async fn the_longest_idle_isolates_make_room() {
    let server = Server::with(Options::config("[capacity]\nisolates = 4\n")).await;
    let names: Vec<_> = (0..8).map(|n| format!("t{n}")).collect();
    for name in &names {
        server.handler(name, "() => new Response('here')").await;
    }
    for name in &names {
        server.get(name, "/").await.assert_ok("here");
    }
    eventually("the first ones to go", async || {
        (evicted(&server, "t0").await == Some(1) && evicted(&server, "t1").await == Some(1))
            .then_some(())
    })
    .await;
    assert_eq!(isolates(&server, "t7").await, 1, "the last one stays");
    // Whoever had to go comes back when asked.
    for name in &names {
        server.get(name, "/").await.assert_ok("here");
    }
    assert_eq!(server.tenant("t0").await["counters"]["starts"], 2);
}

#[tokio::test]
async fn who_holds_much_memory_makes_room() {
    let server = Server::with(Options::config("[capacity]\nmemory_mb = 64\n")).await;
    let holds = App::module(
        "const held = new Uint8Array(24 << 20).fill(1);
        export default { fetch: () => new Response(String(held.length)) };",
    );
    for name in ["a", "b", "c", "d"] {
        server.deploy(name, &holds).await;
        server.get(name, "/").await.assert_ok("25165824");
    }
    eventually("the first two to go", async || {
        (isolates(&server, "a").await + isolates(&server, "b").await == 0).then_some(())
    })
    .await;
    assert_eq!(isolates(&server, "d").await, 1, "the last one stays");
    server.get("a", "/").await.assert_ok("25165824");
}

#[tokio::test]
async fn an_isolate_that_works_is_not_evicted() {
    let server = Server::with(Options::config("[capacity]\nisolates = 1\n")).await;
    let slow = "async () => { await new Promise((done) => setTimeout(done, 2500));
        return new Response('late') }";
    server.handler("slow", slow).await;
    server.handler("other", "() => new Response('here')").await;
    let others = async {
        for _ in 0..5 {
            server.get("other", "/").await.assert_ok("here");
        }
    };
    let (late, ()) = futures_util::future::join(server.get("slow", "/"), others).await;
    late.assert_ok("late");
    assert_eq!(server.tenant("slow").await["counters"]["starts"], 1);
}
