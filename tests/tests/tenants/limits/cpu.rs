use futures_util::future::{Either, select};
use insula_tests::{Answer, Connection, Server, get};
use std::pin::pin;

/// Breaks the CPU limit in every way that is asked for; answers otherwise.
const GREEDY: &str = r"async (request) => {
    const burn = () => { for (;;) {} };
    switch (new URL(request.url).pathname.slice(1)) {
        case 'handler': for (;;) {}
        case 'finally': for (;;) { try { burn() } catch { burn() } finally { burn() } }
        case 'getter': ({ get x() { for (;;) {} } }).x; break;
        case 'job': { const again = () => Promise.resolve().then(again); await again(); break; }
        case 'microtask': { const again = () => queueMicrotask(again); again(); await new Promise(() => {}); break; }
        case 'regexp': /^(a+)+$/.test('a'.repeat(60) + 'b'); break;
        case 'sort': [3, 2, 1].sort(burn); break;
        case 'native-sort': { const a = Array.from({ length: 3e6 }, (_, i) => (i * 7919) % 3000017); for (;;) a.sort(); }
        case 'proxy': new Proxy({}, { get: burn }).x; break;
        case 'json': JSON.stringify({ toJSON: burn }); break;
        case 'generator': for (const _ of (function* () { for (;;) yield 1; })()); break;
        case 'timer': await new Promise((done) => setTimeout(() => { burn(); done(); }, 1)); break;
        case 'body': return new Response(new ReadableStream({ pull() { burn() } }, { highWaterMark: 0 }));
        case 'stringify': return new Response({ toString: burn });
        case 'replace': 'a'.repeat(10).replace(/a/g, burn); break;
        case 'derivation': {
            const key = await crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']);
            await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(1), iterations: 4294967295 }, key, 512);
            break;
        }
        case 'key': {
            const algorithm = { name: 'RSA-OAEP', modulusLength: 8192, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-512' };
            await crypto.subtle.generateKey(algorithm, false, ['decrypt']);
            break;
        }
        case 'recursion': { const f = (n) => f(n - 1) + f(n - 2); try { f(1e9) } catch {} for (;;) { try { f(1e9) } catch {} } }
    }
    return new Response('fine');
}";

/// How often the limit may be broken before the other tenant has been answered meanwhile: on a
/// busy machine, 50 ms of CPU can be over before a request has gone there and back.
const BREACHES: usize = 20;

/// Breaks the limit while another tenant keeps asking, all the while.
async fn breaks_alone(way: &str) {
    let server = Server::start().await;
    server.handler("greedy", GREEDY).await;
    server.handler("victim", "() => new Response('here')").await;
    let cordons = server.cordons();
    let mut other = server.connect().await;
    let mut answered = 0;
    for _ in 0..BREACHES {
        answered += answered_during(&mut other, server.get("greedy", way)).await;
        if answered > 0 {
            break;
        }
    }
    assert!(answered > 0, "the other tenant was not answered while {way} ran");
    server.get("greedy", "/").await.assert_ok("fine");
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
}

/// How many answers the other tenant has got by the time that the limit is broken.
async fn answered_during(other: &mut Connection, breaking: impl Future<Output = Answer>) -> usize {
    let mut breaking = pin!(breaking);
    let mut answered = 0;
    loop {
        let asking = pin!(other.send(get("victim", "/")));
        match select(breaking.as_mut(), asking).await {
            Either::Left((answer, asking)) => {
                asking.await.assert_ok("here");
                answer.assert_error(503, "cpu-limit");
                return answered;
            }
            Either::Right((answer, _)) => {
                answer.assert_ok("here");
                answered += 1;
            }
        }
    }
}

macro_rules! ways {
    ($($name:ident: $way:literal,)*) => {
        $(#[tokio::test]
        async fn $name() {
            breaks_alone($way).await;
        })*
    };
}

ways! {
    in_a_handler: "/handler",
    in_try_catch_finally: "/finally",
    in_a_getter: "/getter",
    in_a_promise_job: "/job",
    in_a_microtask: "/microtask",
    in_a_regular_expression: "/regexp",
    in_a_sort_comparator: "/sort",
    in_a_native_sort: "/native-sort",
    in_a_proxy_trap: "/proxy",
    in_json: "/json",
    in_a_generator: "/generator",
    in_a_timer: "/timer",
    in_a_conversion: "/stringify",
    in_a_replacer: "/replace",
    in_deep_recursion: "/recursion",
    in_a_key_derivation: "/derivation",
    in_making_a_key: "/key",
}

#[tokio::test]
async fn in_the_source_of_a_body() {
    let server = Server::start().await;
    server.handler("greedy", GREEDY).await;
    // The head may be out already; then the body breaks off.
    match server.connect().await.try_send(get("greedy", "/body")).await {
        Ok(answer) => answer.assert_error(503, "cpu-limit"),
        Err(broken_off) => assert!(!broken_off.is_empty()),
    }
    server.get("greedy", "/").await.assert_ok("fine");
}

#[tokio::test]
async fn the_tail_says_so() {
    let server = Server::start().await;
    server.handler("greedy", GREEDY).await;
    server.get("greedy", "/handler").await.assert_error(503, "cpu-limit");
    let outcome = server.tail("greedy").outcome("/handler").await;
    assert!(outcome["error"]["message"].as_str().unwrap().contains("CPU"), "{outcome}");
}

#[tokio::test]
async fn what_was_asked_for_at_the_deploy_counts() {
    let server = Server::start().await;
    let app = insula_tests::App::handler(
        "() => { let sum = 0; for (let i = 0; i < 5e8; i++) sum += i % 7; return new Response('long' + (sum < 0)) }",
    );
    server.deploy_with("patient", &app, &["--cpu-ms", "20000"]).await;
    server.get("patient", "/").await.assert_ok("longfalse");
    server.deploy_with("patient", &app, &["--cpu-ms", "20"]).await;
    server.get("patient", "/").await.assert_error(503, "cpu-limit");
}
