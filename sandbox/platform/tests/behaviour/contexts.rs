//! Which request a piece of code runs for.

use insula_platform::Incoming;

use crate::support::{Said, Test, with_tenant};

pub const TESTS: &[Test] = &[
    ("everything_that_waits_goes_on_for_its_request", waiting),
    ("a_pipe_goes_on_for_the_request_that_piped", piping),
    ("what_a_fetch_brings_belongs_to_its_request", fetching),
    ("a_subrequest_belongs_to_the_request_that_made_it", subrequests),
    ("rejections_belong_to_the_request_that_caused_them", rejections),
    ("code_at_the_top_level_runs_for_no_request", top_level),
];

const WAITING: &str = "
    const gates = [];
    const waits = {
        microtask: (go) => queueMicrotask(go),
        promise: (go) => { Promise.resolve().then(go); },
        await: async (go) => { await null; await new Promise((r) => r()); go(); },
        timeout: (go) => setTimeout(go, 5),
        interval: (go) => { const id = setInterval(() => { clearInterval(id); go(); }, 5); },
        nested: (go) => setTimeout(async () => { await null; setTimeout(go, 1); }, 1),
        stream: async (go) => { const t = new TransformStream(); const w = t.writable.getWriter(); w.write(1); await t.readable.getReader().read(); go(); },
        signal: (go) => { AbortSignal.timeout(3).onabort = go; },
        generator: async (go) => { async function* g() { yield 1; await null; yield 2; } for await (const _ of g()); go(); },
        body: async (go) => { await new Response('text').text(); go(); },
    };
    export default { async fetch(request, env, ctx) {
        const name = new URL(request.url).search;
        for (const [what, wait] of Object.entries(waits)) {
            ctx.waitUntil(new Promise((r) => wait(() => { console.log(name + what); r(); })));
        }
        return new Response(null);
    } };";

fn waiting() {
    with_tenant(WAITING, |tenant| {
        for name in ["a", "b", "c"] {
            tenant.request("GET", &format!("http://a/?{name}"), Incoming::None);
        }
        tenant.run();
        let lines = tenant.logged();
        for (stream, name) in [(2, "?a"), (4, "?b"), (6, "?c")] {
            let own: Vec<_> = lines.iter().filter(|(_, text)| text.starts_with(name)).collect();
            assert_eq!(own.len(), 10, "{lines:?}");
            assert!(own.iter().all(|(of, _)| *of == stream), "{lines:?}");
        }
    });
}

/// Another request reads what comes out, which is what the pipe waits for.
fn piping() {
    let source = "
        let shared, n = 0;
        export default { async fetch(request, env, ctx) {
            if (request.url === 'http://a/') {
                shared = new TransformStream({ transform(chunk, controller) { console.log('transform ' + chunk); controller.enqueue(chunk); } });
                const pull = (controller) => { console.log('pull ' + n); if (n < 4) controller.enqueue(n++); else controller.close(); };
                ctx.waitUntil(new ReadableStream({ pull }).pipeTo(shared.writable));
                return new Response(null);
            }
            const reader = shared.readable.getReader();
            let text = '';
            for (let step; !(step = await reader.read()).done; ) text += step.value;
            return new Response(text);
        } };";
    with_tenant(source, |tenant| {
        let piped = tenant.request("GET", "http://a/", Incoming::None);
        tenant.run();
        tenant.request("GET", "http://b/", Incoming::None);
        tenant.run();
        let lines = tenant.logged();
        assert_eq!(lines.len(), 9, "{lines:?}");
        assert!(lines.iter().all(|(of, _)| *of == piped), "{lines:?}");
    });
}

fn fetching() {
    let source = "export default { async fetch(request) {
        const response = await fetch('https://b.example/');
        console.log('head ' + request.url);
        const text = await response.text();
        console.log('body ' + request.url + text);
        return new Response(text);
    } };";
    with_tenant(source, |tenant| {
        for name in ["a", "b"] {
            tenant.request("GET", &format!("http://{name}/"), Incoming::None);
        }
        tenant.answer(3, Incoming::Follows);
        tenant.answer(1, Incoming::Follows);
        for stream in [1, 3] {
            tenant.chunk(stream, b"!");
        }
        tenant.end(3);
        tenant.end(1);
        let lines = tenant.logged();
        let expected = [
            (4, "head http://b/"),
            (2, "head http://a/"),
            (4, "body http://b/!"),
            (2, "body http://a/!"),
        ];
        assert_eq!(lines, expected.map(|(stream, text)| (stream, text.to_owned())));
    });
}

fn subrequests() {
    let source = "export default { async fetch(request) {
        await new Promise((r) => setTimeout(r, 2));
        return fetch(request.url);
    } };";
    with_tenant(source, |tenant| {
        for name in ["a", "b"] {
            tenant.request("GET", &format!("http://{name}/"), Incoming::None);
        }
        tenant.run();
        let fetches: Vec<_> = tenant
            .said()
            .into_iter()
            .filter_map(|said| match said {
                Said::Fetch { parent, url, .. } => Some((parent, url)),
                _ => None,
            })
            .collect();
        assert_eq!(fetches, [(2, "http://a/".to_owned()), (4, "http://b/".to_owned())]);
    });
}

fn rejections() {
    let source = "export default { fetch(request, env, ctx) {
        setTimeout(() => Promise.reject(new Error(request.url)), 2);
        ctx.waitUntil(new Promise((r) => setTimeout(r, 5)));
        return new Response(null);
    } };";
    with_tenant(source, |tenant| {
        for name in ["a", "b"] {
            tenant.request("GET", &format!("http://{name}/"), Incoming::None);
        }
        tenant.run();
        let exceptions: Vec<_> = tenant
            .said()
            .into_iter()
            .filter_map(|said| match said {
                Said::Exception { stream, message } => Some((stream, message)),
                _ => None,
            })
            .collect();
        let expected = [(2, "Error: http://a/"), (4, "Error: http://b/")];
        assert_eq!(exceptions, expected.map(|(stream, text)| (stream, text.to_owned())));
    });
}

fn top_level() {
    let source = "console.log('top');
        await null; console.log('awaited');
        export default { fetch: () => new Response(null) };";
    with_tenant(source, |tenant| {
        assert_eq!(tenant.logged(), [(0, "top".to_owned()), (0, "awaited".to_owned())]);
    });
}
