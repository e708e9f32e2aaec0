use insula_tests::{App, Server};

#[tokio::test]
async fn a_patched_prototype_is_the_patchers_own_affair() {
    let server = Server::start().await;
    server
        .handler(
            "alice",
            "() => {
                Array.prototype.map = Object.prototype.toString = String.prototype.split = () => 'patched';
                Object.defineProperty(Object.prototype, 'leak', { get: () => 'leak', configurable: true });
                return new Response([1].map((x) => x) + ' ' + ({}).leak);
            }",
        )
        .await;
    server
        .handler(
            "bob",
            "() => new Response([1].map((x) => x + 1) + ' ' + ({}).leak + ' ' + 'a,b'.split(','))",
        )
        .await;
    server.get("alice", "/").await.assert_ok("patched leak");
    server.get("bob", "/").await.assert_ok("2 undefined a,b");
    // The platform keeps working for the one who patched, too.
    server.get("alice", "/").await.assert_ok("patched leak");
}

/// Each way tells how often the platform called what it should not have, or gave it something.
const MEDDLER: &str = r#"
const { defineProperty, setPrototypeOf } = Object;
let seen = 0;

async function setters(request) {
    for (let i = 0; i < 9; i++) {
        defineProperty(Array.prototype, i, { configurable: true, set(value) {
            seen++;
            defineProperty(this, i, { value, writable: true, enumerable: true, configurable: true });
        } });
    }
    const headers = new Headers({ a: 'b' });
    headers.append('c', 'd');
    headers.get('c');
    headers.keys().next();
    await scheduler.wait(50);
    await request.bytes();
    const form = new FormData();
    form.append('a', 'b');
    structuredClone(new Map([['a', 'b']]));
    new EventTarget().addEventListener('x', () => {});
    AbortSignal.any([AbortSignal.timeout(10)]);
    for (let i = 0; i < 9; i++) delete Array.prototype[i];
}

async function supers() {
    class Trap {
        constructor() {
            seen += arguments.length;
            return {};
        }
    }
    const attempt = (work) => { try { work(); } catch {} };
    const caught = [[File, [[], 'n']], [PerformanceMark, ['m']], [IdentityTransformStream, []], [FixedLengthStream, [1]]];
    for (const [Class, args] of caught) {
        setPrototypeOf(Class, Trap);
        attempt(() => new Class(...args));
    }
    attempt(() => performance.measure('n'));
    const rewriter = new HTMLRewriter().on('b', { element(element) { setPrototypeOf(element.constructor, Trap); } });
    await rewriter.transform(new Response('<b></b><b></b>')).text().catch(() => {});
}

async function buffers() {
    defineProperty(ArrayBuffer, Symbol.species, { configurable: true, get() { seen++; return ArrayBuffer; } });
    const pair = await crypto.subtle.generateKey({ name: 'X25519' }, true, ['deriveBits']);
    await crypto.subtle.deriveBits({ name: 'X25519', public: pair.publicKey }, pair.privateKey, 64);
    structuredClone(new Uint8Array(8));
    const [one, other] = new Response(new Uint8Array(8)).body.tee();
    await one.getReader().read();
    await other.getReader({ mode: 'byob' }).read(new Uint8Array(4));
}

async function promises() {
    const chunks = (c) => { c.enqueue(new Uint8Array(8)); c.close(); };
    defineProperty(Promise, Symbol.species, { configurable: true, get() { seen++; return Promise; } });
    await new ReadableStream({ start: chunks }).pipeTo(new WritableStream());
    await new Response('text').arrayBuffer();
    await caches.default.match('http://k.example/');
    await caches.default.put('http://k.example/', new Response('kept', { headers: { 'cache-control': 'no-store' } }));
    try { await new ReadableStream().pipeTo(new WritableStream(), { signal: AbortSignal.timeout(1) }); } catch {}
}

const ways = { setters, supers, buffers, promises };
export default { async fetch(request) {
    const way = ways[new URL(request.url).pathname.slice(1)];
    await way?.(request);
    return new Response(`${way?.name} ${seen}`);
} };
"#;

#[tokio::test]
async fn what_a_tenant_puts_in_the_way_gets_nothing_of_the_platforms() {
    let server = Server::start().await;
    server.handler("bob", "() => new Response('here')").await;
    server.get("bob", "/").await.assert_ok("here");
    let cordons = server.cordons();
    for way in ["setters", "supers", "buffers", "promises"] {
        // Each has a tenant, so that none has been patched by another.
        server.deploy(way, &App::module(MEDDLER)).await;
        let answer = server.post(way, &format!("/{way}"), vec![7; 100_000]).await;
        answer.assert_ok(&format!("{way} 0"));
    }
    server.get("bob", "/").await.assert_ok("here");
    assert!(cordons.iter().all(|cordon| cordon.is_alive()), "a cordon died");
}
