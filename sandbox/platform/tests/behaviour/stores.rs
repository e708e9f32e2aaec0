//! AsyncLocalStorage and AsyncContext: what code stores in its context.

use insula_platform::Incoming;

use crate::support::{Row, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("a_variable_follows_what_it_was_set_for", follows),
    ("requests_at_once_keep_their_stores_apart", apart),
    ("a_snapshot_is_charged_to_whoever_runs_it", charged),
];

fn follows() {
    check_rows(FOLLOWS);
}

const FOLLOWS: &[Row<'_>] = &[
    (
        "every way to wait",
        "const v = new AsyncContext.Variable(), seen = [];
        const waits = {
            sync: (go) => go(),
            microtask: (go) => queueMicrotask(go),
            await: async (go) => { await null; await new Promise((r) => r()); go(); },
            pending: async (go) => { await new Promise((r) => setTimeout(r, 2)); go(); },
            thenable: async (go) => { await { then(r) { seen.push(v.get()); r(); } }; go(); },
            timeout: (go) => setTimeout(go, 5),
            interval: (go) => { const id = setInterval(() => { clearInterval(id); go(); }, 1); },
            signal: (go) => { AbortSignal.timeout(3).onabort = go; },
            event: (go) => { const t = new EventTarget(); t.addEventListener('x', go); t.dispatchEvent(new Event('x')); },
            generator: async (go) => { async function* g() { yield 1; await null; yield 2; } for await (const _ of g()); go(); },
            body: async (go) => { await new Response('text').text(); go(); },
        };
        await v.run('in', () => Promise.all(Object.values(waits).map((wait) => new Promise((r) => wait(() => { seen.push(v.get()); r(); })))));
        return [seen.length, seen.every((x) => x === 'in'), v.get() ?? 'none'];",
        r#"[12,true,"none"]"#,
    ),
    (
        "callbacks of a stream run as the code that made it",
        "const v = new AsyncContext.Variable(), seen = [];
        const [source, transform, sink] = v.run('made', () => [
            new ReadableStream({ pull(c) { seen.push('pull', v.get()); c.enqueue(1); if (seen.length > 2) c.close(); } }, { highWaterMark: 0 }),
            new TransformStream({ transform(x, c) { seen.push('transform', v.get()); c.enqueue(x); }, flush() { seen.push('flush', v.get()); } }),
            new WritableStream({ write() { seen.push('write', v.get()); }, close() { seen.push('close', v.get()); } }),
        ]);
        await v.run('used', () => source.pipeThrough(transform).pipeTo(sink));
        return seen.filter((_, i) => i % 2).every((x) => x === 'made') && seen.length;",
        "16",
    ),
    (
        "runs nest, throw, and end",
        "const v = new AsyncContext.Variable({ name: 'n', defaultValue: 0 }), at = [];
        at.push(v.name, v.get());
        try { v.run(1, () => { at.push(v.get(), v.run(2, (x) => v.get() + x, 10), v.get()); throw 0; }); } catch {}
        at.push(v.get(), v.run(undefined, () => v.get()) ?? 'undefined');
        return at;",
        r#"["n",0,1,12,1,0,"undefined"]"#,
    ),
    (
        "snapshots",
        "const a = new AsyncContext.Variable(), b = new AsyncContext.Variable();
        const [shot, wrapped] = a.run(1, () => [new AsyncContext.Snapshot(), AsyncContext.Snapshot.wrap(function (x) { return [a.get(), this.y, x]; })]);
        return a.run(2, () => b.run(3, () => [a.get(), b.get(), ...shot.run(() => [a.get(), b.get() ?? null]), ...wrapped.call({ y: 4 }, 5), a.get(), wrapped.length]));",
        "[2,3,1,null,1,4,5,2,1]",
    ),
    (
        "a listener of rejections runs as what was rejected",
        "const v = new AsyncContext.Variable();
        const seen = new Promise((r) => addEventListener('unhandledrejection', (e) => { e.preventDefault(); r(v.get()); }));
        v.run('mine', () => { Promise.reject(1); });
        setTimeout(() => {}, 1);
        return seen;",
        r#""mine""#,
    ),
    (
        "brands and arguments",
        "const { Variable, Snapshot } = AsyncContext;
        return [await failure(() => Variable.prototype.get.call({})) , await failure(() => Snapshot.wrap(1)), await failure(() => new Variable().run(1, 2)), await failure(() => Variable())];",
        r#"["TypeError","TypeError","TypeError","TypeError"]"#,
    ),
];

fn apart() {
    let source = "const v = new AsyncContext.Variable();
        export default { fetch: (request) => v.run(request.url, async () => {
            await new Promise((r) => setTimeout(r, 5));
            const answer = await fetch('https://b.example/');
            console.log(v.get() + await answer.text());
            return new Response(null);
        }) };";
    with_tenant(source, |tenant| {
        for name in ["a", "b"] {
            tenant.request("GET", &format!("http://{name}/"), Incoming::None);
        }
        tenant.run();
        tenant.answer(3, Incoming::Whole(b"!"));
        tenant.answer(1, Incoming::Whole(b"!"));
        let expected = [(4, "http://b/!"), (2, "http://a/!")];
        assert_eq!(tenant.logged(), expected.map(|(stream, text)| (stream, text.to_owned())));
    });
}

fn charged() {
    let source = "const v = new AsyncContext.Variable();
        let shot;
        export default { async fetch(request) {
            shot ??= v.run('first', () => new AsyncContext.Snapshot());
            await shot.run(async () => { await null; console.log(v.get()); });
            return new Response(null);
        } };";
    with_tenant(source, |tenant| {
        tenant.get();
        tenant.get();
        assert_eq!(tenant.logged(), [(2, "first".to_owned()), (4, "first".to_owned())]);
    });
}
