//! What goes on when a request is over: it counts, it gets little, and it holds up nobody.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use insula_tests::{App, Options, Origin, Server, answer, eventually, get};
use serde_json::Value;

/// Answers, and computes on for ever in turns of some milliseconds.
const RESTLESS: &str = "(request) => {
    let x = 0;
    const turn = () => {
        for (let i = 0; i < 2e6; i++) x += i % 7;
        setTimeout(turn, 0);
    };
    if (request.url.endsWith('/begin')) turn();
    return new Response('answered');
}";

/// Leaves more work behind, due all at once, than can be done while a client waits.
const OVERDUE: &str = "(request) => {
    if (request.url.endsWith('/begin')) {
        for (let n = 0; n < 20_000; n++) {
            setTimeout(() => { let x = 0; for (let i = 0; i < 2e6; i++) x += i % 7; }, 1);
        }
    }
    return new Response('answered');
}";

async fn counters(server: &Server, tenant: &str) -> Value {
    server.tenant(tenant).await["counters"].clone()
}

async fn cpu_us(server: &Server, tenant: &str) -> u64 {
    counters(server, tenant).await["cpu_us"].as_u64().expect("a number")
}

/// CPU time of all threads that run isolates.
fn used(server: &Server) -> Duration {
    let threads = server.cordons().into_iter().flat_map(|cordon| cordon.isolate_threads());
    Duration::from_nanos(threads.map(|(_, used)| used).sum())
}

#[tokio::test]
async fn it_is_charged_and_gets_a_small_part_of_a_processor() {
    let server = Server::start().await;
    server.deploy_with("restless", &App::handler(RESTLESS), &["--cpu-ms", "1000"]).await;
    server.get("restless", "/begin").await.assert_ok("answered");
    let (before, was) = (cpu_us(&server, "restless").await, used(&server));
    let began = Instant::now();
    // It goes on, and does not go uncounted.
    eventually("a tenth of a second of work that no request does", async || {
        (cpu_us(&server, "restless").await >= before + 100_000).then_some(())
    })
    .await;
    // A twentieth, what it may use up first, and what blank isolates take for their start.
    let most = began.elapsed() / 10 + Duration::from_millis(500);
    let used = used(&server).saturating_sub(was);
    assert!(used < most, "{used:?} of {:?}", began.elapsed());
    server.get("restless", "/").await.assert_ok("answered");
}

#[tokio::test]
async fn requests_and_the_end_of_an_isolate_do_not_wait_for_it() {
    let server = Server::start().await;
    let limits = ["--cpu-ms", "1000", "--max-isolates", "1"];
    server.deploy_with("overdue", &App::handler(OVERDUE), &limits).await;
    server.get("overdue", "/begin").await.assert_ok("answered");
    for _ in 0..10 {
        server.get("overdue", "/").await.assert_ok("answered");
    }
    let isolates = counters(&server, "overdue").await["isolates"].clone();
    assert_eq!(isolates, 1, "the one that has it all to do");
    server.deploy_with("overdue", &App::handler("() => new Response('new')"), &limits).await;
    eventually("the end of the old isolate", async || {
        server.get("overdue", "/").await.assert_ok("new");
        let starts_and_ends = counters(&server, "overdue").await;
        (starts_and_ends["isolates"] == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_request_that_lasts_counts_while_it_lasts() {
    let server = Server::start().await;
    let app = App::handler(
        "() => {
            let x = 0;
            const pull = async (controller) => {
                await scheduler.wait(20);
                for (let i = 0; i < 2e6; i++) x += i % 7;
                controller.enqueue(new Uint8Array(10));
            };
            return new Response(new ReadableStream({ pull }));
        }",
    );
    server.deploy_with("lasting", &app, &["--cpu-ms", "60000"]).await;
    let before = cpu_us(&server, "lasting").await;
    let mut connection = server.connect().await;
    let mut answer = connection.open(get("lasting", "/")).await;
    eventually("CPU time of a response that goes on", async || {
        answer.piece().await.expect("the next part");
        (cpu_us(&server, "lasting").await > before + 20_000).then_some(())
    })
    .await;
    assert_eq!(counters(&server, "lasting").await["requests"], 0, "it is not over");
}

#[tokio::test]
async fn what_the_server_does_for_a_tenant_is_counted() {
    let origin = Origin::start(|_| async { answer(200, "x".repeat(1 << 20)) }.boxed()).await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let url = origin.url("/");
    let app = format!("async () => new Response((await (await fetch('{url}')).text()).length)");
    server.handler("fetches", &app).await;
    assert_eq!(counters(&server, "fetches").await["host_cpu_us"], 0);
    server.get("fetches", "/").await.assert_ok("1048576");
    let took = counters(&server, "fetches").await["host_cpu_us"].as_u64().expect("a number");
    assert!(took > 100, "a mebibyte in {took} µs");
}
