//! Tenants that break every limit, in the cordons where innocents live.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use insula_tests::{Answer, App, Connection, Server, get};

use crate::scene::Scene;

/// Between two breaches of one tenant: some of the processor is for the others.
const PAUSE: Duration = Duration::from_millis(250);

/// A server may make who breaks limits again and again wait.
const HELD_OFF: &str = "503 overloaded";

/// One hostile tenant.
struct Hostile {
    name: &'static str,
    /// A function of the request; `way` is its path.
    handler: &'static str,
    args: &'static [&'static str],
    ways: &'static [&'static str],
    /// Status and error code of what it may get; the first is what it is there for.
    expected: &'static [&'static str],
}

const ALL: [Hostile; 8] = [
    Hostile {
        name: "cpu-limit",
        handler: "(way) => {
    const burn = () => { for (;;) {} };
    switch (way) {
        case 'loop': for (;;) {}
        case 'finally': for (;;) { try { burn() } catch { burn() } finally { burn() } }
        case 'regexp': /^(a+)+$/.test('a'.repeat(60) + 'b'); break;
        case 'job': { const again = () => Promise.resolve().then(again); return again(); }
        case 'sort': [3, 2, 1].sort(burn); break;
    }
}",
        args: &[],
        ways: &["loop", "finally", "regexp", "job", "sort"],
        expected: &["503 cpu-limit", HELD_OFF],
    },
    Hostile {
        name: "memory-limit",
        handler: "(way) => {
    const keep = [];
    switch (way) {
        case 'objects': for (;;) keep.push({});
        case 'map': { const map = new Map(); for (let i = 0;; i++) map.set(i, i); }
        case 'bytes': for (;;) keep.push(new Uint8Array(1 << 20).fill(1));
        case 'strings': for (let i = 0;; i++) keep.push(('abc' + i).repeat(1000));
        case 'closures': for (;;) { const x = new Array(100).fill(0); keep.push(() => x); }
        case 'text': { const e = new TextEncoder(); for (;;) keep.push(e.encode('y'.repeat(1e6))); }
        case 'queue': new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(10000)); } });
    }
}",
        // Enough time that memory is what runs out.
        args: &["--cpu-ms", "20000", "--memory-mb", "32"],
        ways: &["objects", "map", "bytes", "strings", "closures", "text", "queue"],
        expected: &["503 memory-limit", HELD_OFF],
    },
    Hostile {
        name: "wall-limit",
        handler: "() => new Promise((done) => setTimeout(done, 600000))",
        args: &["--wall-ms", "200"],
        ways: &["wait"],
        expected: &["504 wall-limit", HELD_OFF],
    },
    Hostile {
        name: "exceptions",
        handler: "(way) => {
    const deep = (n) => n === 0 ? null.x : deep(n - 1);
    if (way === 'deep') deep(200);
    if (way === 'endless') { const endless = () => endless(); endless(); }
    throw new Error('x'.repeat(1e5));
}",
        args: &[],
        ways: &["long", "deep", "endless"],
        expected: &["500 tenant-exception", "503 cpu-limit", HELD_OFF],
    },
    Hostile {
        name: "no-answer",
        handler: "(way) => way === 'never' ? new Promise(() => {}) : 'no response'",
        args: &[],
        ways: &["never", "wrong"],
        expected: &["500 tenant-exception", HELD_OFF],
    },
    Hostile {
        name: "log-flood",
        handler: "() => {
    for (let i = 0; i < 300; i++) console.log('x'.repeat(1000));
    return new Response('logged');
}",
        args: &["--cpu-ms", "1000"],
        ways: &["flood"],
        expected: &["200", HELD_OFF],
    },
    Hostile {
        name: "unhandled-rejections",
        handler: "() => {
    for (let i = 0; i < 100; i++) Promise.reject(new Error('nobody looks ' + i));
    return new Response('rejected');
}",
        args: &["--cpu-ms", "1000"],
        ways: &["reject"],
        expected: &["200", HELD_OFF],
    },
    Hostile {
        name: "late-work",
        handler: "(way, ctx) => {
    ctx.waitUntil(new Promise(() => setInterval(() => { for (let i = 0; i < 1e5; i++); }, 1)));
    return new Response('and on it goes');
}",
        args: &[],
        ways: &["go"],
        expected: &["200", "503 cpu-limit", HELD_OFF],
    },
];

/// Deploys all of them.
pub async fn deploy_all(server: &Server) {
    for hostile in &ALL {
        let app = App::module(&format!(
            "const attack = {};
export default {{ async fetch(request, env, ctx) {{
    return await attack(new URL(request.url).pathname.slice(1), ctx);
}} }};
",
            hostile.handler
        ));
        server.deploy_with(hostile.name, &app, hostile.args).await;
    }
}

/// All of them at work, for as long as load goes on.
pub async fn attack_all(scene: &Scene) {
    join_all(ALL.iter().map(|hostile| attack(scene, hostile).boxed_local())).await;
}

async fn attack(scene: &Scene, hostile: &Hostile) {
    let Hostile { name, expected, .. } = hostile;
    let mut connection = scene.server.connect().await;
    for way in hostile.ways.iter().cycle() {
        if !scene.is_on() {
            return;
        }
        match connection.try_send(get(name, &format!("/{way}"))).await {
            Ok(answer) => scene.ledger.hostile(name, &outcome(&answer), expected),
            Err(error) => {
                scene.ledger.hostile(name, &error, expected);
                connection = Connection::http1(scene.server.listen()).await;
            }
        }
        scene.pause(PAUSE).await;
    }
}

/// An answer's status, and the code of what Insula itself says.
pub fn outcome(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.header("insula-error")).trim_end().to_owned()
}
