use std::collections::BTreeSet;

use futures_util::future::join_all;
use insula_tests::{App, Server, eventually};

/// Ways to breach a limit of memory, each with another kind of it.
const GREEDY: &str = r#"
const keep = [];
const ways = {
    objects() { for (let i = 0;; i++) keep.push({ i }); },
    bytes() { for (;;) keep.push(new Uint8Array(300_000).fill(1)); },
    large() { for (;;) keep.push(new Uint8Array(2 << 20).fill(1)); },
    table() { const map = new Map(); for (let i = 0;; i++) map.set(i, 'v' + i); },
    strings() { for (let i = 0;; i++) keep.push(('abc' + i).repeat(1000)); },
    memories() {
        for (;;) {
            const memory = new WebAssembly.Memory({ initial: 16 });
            new Uint8Array(memory.buffer).fill(1);
            keep.push(memory);
        }
    },
};
export default { fetch(request) { ways[new URL(request.url).pathname.slice(1)](); } };
"#;

const WAYS: [&str; 6] = ["objects", "bytes", "large", "table", "strings", "memories"];

/// Tenants that breach, each only a few times; in two rounds, all of a round at once, so that what they
/// take lies side by side.
const ROUNDS: [[&str; 5]; 2] = [["a", "b", "c", "d", "e"], ["f", "g", "h", "i", "j"]];

/// What cordons may have more after the second round than after the first: a quarter of what one isolate
/// may take, of thirty.
const MORE: u64 = 8 << 20;

#[tokio::test]
async fn what_was_taken_up_to_the_limit_comes_back() {
    let server = Server::start().await;
    server.handler("victim", "() => new Response('here')").await;
    server.get("victim", "/").await.assert_ok("here");
    let cordons: BTreeSet<_> = server.cordons().iter().map(|cordon| cordon.id()).collect();
    let app = App::module(GREEDY);
    breach_all(&server, &app, ROUNDS[0]).await;
    // The first cordon has all that it keeps for itself, and the one that waits is there.
    let first = eventually("the first round is over", async || {
        (server.cordons().len() > 1).then(|| resident(&server))
    })
    .await;
    breach_all(&server, &app, ROUNDS[1]).await;
    eventually("what the second round took is back", async || {
        (resident(&server) <= first + MORE).then_some(())
    })
    .await;
    server.get("victim", "/").await.assert_ok("here");
    let now: BTreeSet<_> = server.cordons().iter().map(|cordon| cordon.id()).collect();
    assert!(now.is_superset(&cordons), "a cordon was replaced");
}

/// Each tenant breaches its limit in all ways, and goes.
async fn breach_all(server: &Server, app: &App, tenants: [&str; 5]) {
    let flags = ["--cpu-ms", "20000", "--memory-mb", "32"];
    for tenant in tenants {
        server.deploy_with(tenant, app, &flags).await;
    }
    join_all(tenants.map(|tenant| breach(server, tenant))).await;
    for tenant in tenants {
        server.insula(&["delete", tenant]).await.succeeded();
    }
}

async fn breach(server: &Server, tenant: &str) {
    for way in WAYS {
        let answer = server.get(tenant, &format!("/{way}")).await;
        assert_eq!((answer.status, answer.header("insula-error")), (503, "memory-limit"), "{way}");
    }
}

/// Keeps blocks that are too small to be mappings, and lets others do so in between.
const KEEPER: &str = "async () => {
    globalThis.kept = [];
    for (let bytes = 0; bytes < 16e6;) {
        const size = 20_000 + Math.random() * 100_000;
        globalThis.kept.push(new Uint8Array(size).fill(1));
        bytes += size;
        if (globalThis.kept.length % 8 === 0) await new Promise((done) => setTimeout(done, 1));
    }
    return new Response('kept');
}";

#[tokio::test]
async fn what_lies_between_blocks_of_others_comes_back() {
    let server = Server::start().await;
    let app = App::handler(KEEPER);
    // Several for each heap that the C library makes, on a machine with a few processors.
    let tenants: Vec<_> = (0..36).map(|number| format!("keeper{number}")).collect();
    for tenant in &tenants {
        server.deploy_with(tenant, &app, &["--cpu-ms", "20000"]).await;
    }
    let before = resident(&server);
    join_all(tenants.iter().map(|tenant| async {
        server.get(tenant, "/").await.assert_ok("kept");
    }))
    .await;
    let one = (resident(&server) - before) / tenants.len() as u64;
    assert!(one > 12 << 20, "{one}");
    for tenant in tenants.iter().skip(4) {
        server.insula(&["delete", tenant]).await.succeeded();
    }
    eventually("what the others kept is back", async || {
        (resident(&server) < before + 6 * one).then_some(())
    })
    .await;
}

/// Bytes of memory that the cordons have.
fn resident(server: &Server) -> u64 {
    server.cordons().iter().map(|cordon| cordon.resident_bytes()).sum()
}
