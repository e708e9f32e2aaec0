//! What a request leaves behind: nothing, however little of it was read, awaited or sent.

use insula_platform::Incoming;
use insula_wire::FailureCode;

use crate::support::{Said, Tenant, Test, with_tenant};

pub const TESTS: &[Test] = &[
    ("unread_request_bodies_go_with_their_requests", request_bodies),
    ("fetches_that_nobody_awaits_go_with_their_requests", unawaited),
    ("unread_response_bodies_go_with_their_requests", response_bodies),
    ("uploads_that_were_answered_early_go_with_their_requests", uploads),
    ("a_body_that_is_read_too_late_says_so", late),
    ("a_long_lived_signal_keeps_nothing_of_fetches_that_are_over", signals),
];

/// Enough for one that is kept by chance not to matter.
const MANY: usize = 200;
const SPARED: usize = 2;

/// So many fetches do not fit if anything of each is kept.
const FETCHES: usize = 20_000;
const HEAP: u32 = 6 << 20;

/// A handler that runs `code`, which gives `keep` what ought to go with the request.
fn source(code: &str) -> String {
    format!(
        "const kept = [], keep = (object) => {{ kept.push(new WeakRef(object)); return object; }};
        const controller = new AbortController(), {{ signal }} = controller;
        export default {{ async fetch(request) {{
            const {{ pathname }} = new URL(request.url);
            if (pathname === '/never') await new Promise(() => {{}});
            if (pathname === '/count') return new Response(String(kept.filter((ref) => ref.deref() !== undefined).length));
            {code}
            return new Response('answered');
        }} }};"
    )
}

/// Nothing of many requests is alive, and nothing holds up who waits in vain.
fn assert_all_gone(tenant: &mut Tenant) {
    tenant.collect();
    tenant.said();
    tenant.request("GET", "http://a.localhost/count", Incoming::None);
    let alive: usize = tenant.answered().parse().expect("a number");
    assert!(alive <= SPARED, "{alive} of {MANY} are alive");
    let stream = tenant.request("GET", "http://a.localhost/never", Incoming::None);
    tenant.run();
    let said = tenant.said();
    let failed = said.iter().any(|said| {
        matches!(said, Said::Failed { stream: of, code: FailureCode::NeverSettles, .. } if *of == stream)
    });
    assert!(failed, "{said:?}");
}

fn request_bodies() {
    with_tenant(&source("keep(request.body); await 0;"), |tenant| {
        for _ in 0..MANY {
            let stream = tenant.request("POST", "http://a.localhost/", Incoming::Follows);
            tenant.chunk(stream, &[0; 1000]);
        }
        assert_all_gone(tenant);
    });
}

fn unawaited() {
    with_tenant(&source("keep(fetch('https://b.example/', { signal }));"), |tenant| {
        for _ in 0..MANY {
            tenant.get();
        }
        assert_all_gone(tenant);
    });
}

fn response_bodies() {
    let code = "keep((await fetch('https://b.example/', { signal })).body);";
    with_tenant(&source(code), |tenant| {
        for subrequest in (1..).step_by(2).take(MANY) {
            tenant.get();
            tenant.answer(subrequest, Incoming::Follows);
            tenant.chunk(subrequest, &[0; 1000]);
        }
        assert_all_gone(tenant);
    });
}

fn uploads() {
    let code = "const body = keep(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1 << 20)); } }));
        await fetch('https://b.example/', { method: 'POST', body, duplex: 'half', signal });";
    with_tenant(&source(code), |tenant| {
        for subrequest in (1..).step_by(2).take(MANY) {
            tenant.get();
            tenant.answer(subrequest, Incoming::Whole(b"enough"));
            tenant.said();
        }
        assert_all_gone(tenant);
    });
}

fn late() {
    let source = "let body;
        export default { async fetch(request) {
            if (request.method === 'POST') { body = request.body; return new Response('answered'); }
            return new Response(await body.getReader().read().then(() => 'read', (error) => error.message));
        } };";
    with_tenant(source, |tenant| {
        tenant.request("POST", "http://a.localhost/", Incoming::Follows);
        tenant.said();
        tenant.get();
        assert_eq!(tenant.answered(), "The request that it belongs to is over.");
    });
}

/// Tenants see nothing of what a signal keeps but that there is no room for it.
fn signals() {
    let code = "const response = await fetch('https://b.example/', { signal });
        if (pathname === '/read') await response.text();
        if (pathname === '/cancel') await response.body.cancel();
        if (pathname === '/fail') await response.text().catch(() => {});";
    for way in ["whole", "read", "cancel", "fail"] {
        with_tenant(&source(code), move |tenant| {
            tenant.limit_heap(HEAP);
            for subrequest in (1..).step_by(2).take(FETCHES) {
                tenant.request("GET", &format!("http://a.localhost/{way}"), Incoming::None);
                match way {
                    "whole" => tenant.answer(subrequest, Incoming::Whole(b"all")),
                    _ => tenant.answer(subrequest, Incoming::Follows),
                }
                match way {
                    "read" => tenant.end(subrequest),
                    "fail" => tenant.error(subrequest, "gone"),
                    _ => {}
                }
                assert_eq!(tenant.answered(), "answered");
            }
        });
    }
}
