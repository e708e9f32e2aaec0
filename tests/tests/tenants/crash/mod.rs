use futures_util::future::join_all;
use insula_tests::{Server, eventually, get};

#[tokio::test]
async fn a_killed_cordon_costs_its_requests_in_flight_and_nothing_more() {
    let server = Server::start().await;
    let tenants: Vec<String> = (0..5).map(|number| format!("tenant-{number}")).collect();
    for tenant in &tenants {
        server
            .handler(
                tenant,
                "(request) => {
                    if (!request.url.endsWith('/wait')) return new Response('here');
                    console.log('waiting');
                    return new Promise((answer) => setTimeout(answer, 600000, new Response('late')));
                }",
            )
            .await;
    }
    let cordons = server.cordons();
    let waiting = join_all(tenants.iter().map(|tenant| server.get(tenant, "/wait")));
    let killing = async {
        for tenant in &tenants {
            server.tail(tenant).wait_for_text("waiting").await;
        }
        for cordon in &cordons {
            cordon.kill();
        }
    };
    let (answers, ()) = futures_util::future::join(waiting, killing).await;
    for answer in answers {
        answer.assert_error(502, "cordon-crashed");
    }
    for tenant in &tenants {
        server.get(tenant, "/").await.assert_ok("here");
    }
    eventually("the end of the cordons", async || {
        cordons.iter().all(|cordon| !cordon.is_alive()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn cordons_killed_again_and_again_under_load_leave_no_trace() {
    let server = Server::start().await;
    let tenants = ["alice", "bob", "carol"];
    for tenant in tenants {
        server.handler(tenant, "async () => { await new Promise((r) => setTimeout(r, 2)); return new Response('here') }").await;
    }
    let clients = (0..6).map(async |client| {
        let mut crashed = 0;
        let mut connection = server.connect().await;
        for _ in 0..100 {
            let answer = connection.send(get(tenants[client % 3], "/")).await;
            if answer.status == 200 {
                answer.assert_ok("here");
            } else {
                answer.assert_error(502, "cordon-crashed");
                crashed += 1;
            }
        }
        crashed
    });
    let killer = async {
        for _ in 0..3 {
            let cordon = eventually("a cordon", async || server.cordons().first().copied()).await;
            cordon.kill();
            eventually("an answer after its end", async || {
                (!cordon.is_alive() && server.get("alice", "/").await.status == 200).then_some(())
            })
            .await;
        }
    };
    let (crashed, ()) = futures_util::future::join(join_all(clients), killer).await;
    assert!(crashed.iter().sum::<u32>() < 600, "nothing was answered");
    for tenant in tenants {
        server.get(tenant, "/").await.assert_ok("here");
    }
}

#[tokio::test]
async fn a_body_that_was_on_its_way_breaks_off() {
    let server = Server::start().await;
    server
        .handler("alice", "() => new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('first')); setTimeout(() => c.close(), 600000); } }))")
        .await;
    let mut connection = server.connect().await;
    let mut exchange = connection.open(get("alice", "/")).await;
    assert_eq!(exchange.piece().await.as_deref(), Some(&b"first"[..]));
    for cordon in server.cordons() {
        cordon.kill();
    }
    assert!(exchange.try_piece().await.is_err(), "a broken body must not look whole");
}

#[tokio::test]
async fn cordons_do_not_outlive_a_killed_server() {
    let server = Server::start().await;
    server.handler("alice", "() => new Response('here')").await;
    server.get("alice", "/").await.assert_ok("here");
    let cordons = server.cordons();
    assert!(!cordons.is_empty());
    server.process().kill();
    eventually("the end of the cordons", async || {
        cordons.iter().all(|cordon| !cordon.is_alive()).then_some(())
    })
    .await;
}
