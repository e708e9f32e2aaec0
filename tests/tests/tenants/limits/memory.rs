use insula_tests::{App, Server};

/// Ways to take memory for ever: collected objects, tables, typed arrays, strings, the engine's own
/// and the platform's buffers.
const GREEDY: &str = r#"
const keep = [];
const ways = {
  objects() { for (;;) keep.push({}); },
  map() { const m = new Map(); for (let i = 0;; i++) m.set(i, i); },
  set() { const m = new Set(); for (let i = 0;; i++) m.add({i}); },
  fill() { return new Array(2**32-1).fill(1).length; },
  concat() { let a = [1,2,3,4]; for (;;) a = a.concat(a); },
  typed() { for (;;) keep.push(new Uint8Array(1 << 20).fill(1)); },
  smalltyped() { for (;;) keep.push(new Uint8Array(200)); },
  buffers() { for (;;) keep.push(new ArrayBuffer(100000)); },
  strings() { for (let i = 0;; i++) keep.push(('abc' + i).repeat(1000)); },
  json() { return JSON.parse('['.repeat(3e6) + ']'.repeat(3e6)); },
  jsonbig() { return JSON.parse('[' + '{"a":1},'.repeat(5e6) + '1]').length; },
  keys() { const o = {}; for (let i = 0;; i++) o['k' + i] = i; },
  regexp() { for (let i = 0;; i++) keep.push(new RegExp('a'.repeat(1000) + i)); },
  closures() { for (;;) { const x = new Array(100).fill(0); keep.push(() => x); } },
  promises() { for (;;) keep.push(new Promise(() => {})); },
  proxies() { for (;;) keep.push(new Proxy({}, {})); },
  symbols() { for (let i = 0;; i++) keep.push(Symbol('s' + i)); },
  bigints() { for (let i = 1n;; i++) keep.push(1n << 100000n); },
  clone() { const b = new ArrayBuffer(4 << 20); for (;;) keep.push(structuredClone(b)); },
  blobs() { const b = new Uint8Array(1 << 20); for (;;) keep.push(new Blob([b])); },
  sparse() { const a = []; for (let i = 0;; i += 1000) a[i] = i; },
  join() { const a = new Array(1e7).fill('abcdefgh'); return a.join().length; },
  weak() { const w = new WeakMap(); for (;;) { const k = {}; keep.push(k); w.set(k, new Array(100)); } },
  errors() { for (;;) keep.push(new Error('x'.repeat(100))); },
  text() { const e = new TextEncoder(); for (let i = 0;; i++) keep.push(e.encode('y'.repeat(1e6))); },
  urls() { for (let i = 0;; i++) keep.push(new URL('http://a/' + 'x'.repeat(10000) + i)); },
  headers() { const h = new Headers(); for (let i = 0;; i++) h.append('x' + i, 'y'.repeat(1000)); },
  queue() { const s = new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(10000)); } }); return 1; },
  jit() { for (let i = 0;; i++) { const f = (x) => { let y = 0; for (let j = 0; j < 100; j++) y += x * j; return y; }; for (let j = 0; j < 20; j++) f(j); keep.push(f); } },
  timers() { for (;;) setTimeout(() => {}, 1e6); },
  wasm() { for (;;) keep.push(new WebAssembly.Memory({ initial: 16, maximum: 65536 })); },
};
export default { async fetch(request) {
    const way = ways[new URL(request.url).pathname.slice(1)];
    // To catch it is no way out.
    try { if (way) await way() } catch {}
    return new Response(way ? 'got away with it' : 'fine');
} };
"#;

/// Takes memory in `way` until the limit, again and again, beside another tenant.
async fn ends_alone(ways: &[&str]) {
    let server = Server::start().await;
    // Plenty of CPU, so that memory is what runs out.
    let flags = ["--cpu-ms", "20000", "--memory-mb", "32"];
    server.deploy_with("greedy", &App::module(GREEDY), &flags).await;
    server.handler("victim", "() => new Response('here')").await;
    server.get("victim", "/").await.assert_ok("here");
    let cordons = server.cordons();
    for way in ways {
        let answer = server.get("greedy", &format!("/{way}")).await;
        assert_eq!((answer.status, answer.header("insula-error")), (503, "memory-limit"), "{way}");
        server.get("greedy", "/").await.assert_ok("fine");
        server.get("victim", "/").await.assert_ok("here");
    }
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
    let starts = server.insula(&["tenants", "show", "victim", "--json"]).await.json();
    assert_eq!(starts["counters"]["starts"], 1, "the other tenant's isolate is the first one");
}

#[tokio::test]
async fn collected_objects_end_at_the_limit() {
    ends_alone(&["objects", "closures", "promises", "proxies", "symbols", "bigints", "weak"]).await;
    ends_alone(&["errors"]).await;
}

#[tokio::test]
async fn tables_end_at_the_limit() {
    ends_alone(&["map", "set", "fill", "concat", "keys", "sparse"]).await;
}

#[tokio::test]
async fn bytes_end_at_the_limit() {
    ends_alone(&["typed", "smalltyped", "buffers", "clone", "blobs", "text", "wasm"]).await;
}

#[tokio::test]
async fn strings_end_at_the_limit() {
    ends_alone(&["strings", "json", "jsonbig", "join", "regexp", "urls", "headers"]).await;
}

#[tokio::test]
async fn what_the_platform_keeps_ends_at_the_limit() {
    ends_alone(&["queue", "timers"]).await;
}

#[tokio::test]
async fn machine_code_ends_at_the_limit() {
    ends_alone(&["jit"]).await;
}

#[tokio::test]
async fn what_waits_to_be_sent_does_not_hide_the_limit() {
    let server = Server::start().await;
    let handler = "() => {
        const body = new Uint8Array(60_000);
        for (let i = 0; i < 1000; i++) {
            fetch('http://192.0.2.1/', { method: 'POST', body }).catch(() => {});
        }
        return new Response('sent');
    }";
    let flags = ["--cpu-ms", "20000", "--memory-mb", "16"];
    server.deploy_with("sender", &App::handler(handler), &flags).await;
    for _ in 0..4 {
        let answer = server.get("sender", "/").await;
        assert_eq!((answer.status, answer.header("insula-error")), (503, "memory-limit"));
    }
}

#[tokio::test]
async fn web_assembly_cannot_grow_beyond_the_limit() {
    let server = Server::start().await;
    let handler = "() => {
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
        let pages = 1;
        try { for (;; pages += 16) { memory.grow(16); new Uint8Array(memory.buffer).fill(1) } } catch {}
        return new Response(pages);
    }";
    let flags = ["--cpu-ms", "20000", "--memory-mb", "32"];
    server.deploy_with("greedy", &App::handler(handler), &flags).await;
    let answer = server.get("greedy", "/").await;
    let mebibytes = answer.text().parse::<u32>().map(|pages| pages / 16);
    assert!(answer.status == 503 || mebibytes.is_ok_and(|grown| grown < 32), "{answer:?}");
}

#[tokio::test]
async fn garbage_is_not_held_against_anybody() {
    let server = Server::start().await;
    let handler = "(request) => {
        const kept = Array.from({ length: 15 }, () => new Uint8Array(1 << 20).fill(1));
        let bytes = 0;
        for (let i = 0; i < 500; i++) bytes += new Uint8Array(1 << 20).fill(1).length;
        for (let i = 0; i < 100; i++) bytes += new Uint8Array(4 << 20).length;
        return new Response(bytes + kept.length);
    }";
    let flags = ["--cpu-ms", "20000", "--memory-mb", "32"];
    server.deploy_with("wasteful", &App::handler(handler), &flags).await;
    for _ in 0..3 {
        server.get("wasteful", "/").await.assert_ok("943718415");
    }
    let tenant = server.insula(&["tenants", "show", "wasteful", "--json"]).await.json();
    assert_eq!(tenant["counters"]["starts"], 1);
}

#[tokio::test]
async fn a_deploy_that_takes_all_memory_is_rejected() {
    let server = Server::start().await;
    let app = App::module(
        "const kept = [];\nfor (let i = 0;; i++) kept.push(('abc' + i).repeat(1000));\nexport default { fetch() {} };\n",
    );
    let shown = server.try_deploy("alice", &app, &["--memory-mb", "16"]).await.failed(1);
    assert!(shown.contains("memory") || shown.contains("CPU"), "{shown}");
    assert_eq!(server.get("alice", "/").await.status, 404);
}

/// A regular expression keeps a stack that grows with the text, and the engine cannot go on without.
#[tokio::test]
async fn an_ordinary_regular_expression_ends_no_more_than_its_request() {
    let server = Server::start().await;
    let app = App::handler(
        r"async (request) => {
            const ballast = new URL(request.url).searchParams.get('ballast') * 2 ** 20;
            const bytes = ballast && new Uint8Array(ballast).fill(1);
            const text = await request.text();
            return new Response(`${/^(?:\w|\s)*$/.test(text)} ${bytes[0]}`);
        }",
    );
    let flags = ["--cpu-ms", "20000", "--memory-mb", "128"];
    server.deploy_with("validates", &app, &flags).await;
    server.handler("victim", "() => new Response('here')").await;
    server.get("victim", "/").await.assert_ok("here");
    let cordons = server.cordons();
    for mib in [1, 2, 4, 6, 8, 12, 16, 24] {
        for ballast in [0, 64, 90, 110] {
            let text = "x".repeat(mib << 20);
            let answer = server.post("validates", &format!("/?ballast={ballast}"), text).await;
            let expected = match answer.status {
                200 => answer.text().starts_with("true"),
                // The engine's own limit.
                500 => answer.text().contains("tenant-exception"),
                503 => {
                    answer.text().contains("memory-limit") || answer.text().contains("overloaded")
                }
                _ => false,
            };
            assert!(expected, "{mib} MiB beside {ballast}: {} {}", answer.status, answer.text());
        }
    }
    server.get("victim", "/").await.assert_ok("here");
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
}
