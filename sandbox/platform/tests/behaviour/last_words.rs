//! Tenants that meddle with what the platform runs on: the isolate keeps to the protocol all the same.
//! `with_tenant` fails when it does not.

use insula_platform::Incoming;

use crate::support::{Body, Said, Test, with_tenant};

pub const TESTS: &[Test] = &[
    ("setters_of_arrays_get_no_hold_of_queues", queues),
    ("clients_that_leave_are_let_go_of", leaving),
    ("promises_that_throw_when_looked_at_are_answers", promises),
    ("waiting_for_what_cannot_be_waited_for_ends", waiting),
    ("listeners_that_cannot_be_taken_out_end_no_request", listeners),
];

/// What is pushed there is not theirs to see, nor to add to: each byte would be credit.
fn queues() {
    let source = "let caught = 0;
        const forged = new Uint8Array(20 << 20);
        for (let i = 0; i < 4; i++) Object.defineProperty(Array.prototype, i, {
            configurable: true,
            set(value) {
                caught++;
                Object.defineProperty(this, i, { value, writable: true, enumerable: true, configurable: true });
                Object.defineProperty(this, i + 1, { value: forged, writable: true, enumerable: true, configurable: true });
            },
        });
        export default { async fetch(request) {
            await new Promise((done) => setTimeout(done, 10));
            const { length } = await request.bytes();
            return new Response(`${length} ${caught}`);
        } };";
    with_tenant(source, |tenant| {
        let stream = tenant.request("POST", "http://a.localhost/", Incoming::Follows);
        for _ in 0..4 {
            tenant.chunk(stream, &[7; 1000]);
        }
        tenant.run();
        tenant.end(stream);
        assert_eq!(tenant.answered(), "4000 0");
    });
}

fn leaving() {
    let patches = [
        "Object.defineProperty(Promise, Symbol.species, { get() { throw 1; } });",
        "Object.defineProperty(Promise.prototype, 'constructor', { get() { throw 1; } });",
        "Object.defineProperty(Array.prototype, 0, { set() { throw 1; } });",
        "Promise.prototype.then = () => { throw 1; };",
    ];
    for patch in patches {
        let source = format!(
            "export default {{ fetch(request) {{
                request.signal.addEventListener('abort', () => {{ throw 2; }}, {{ once: true }});
                request.signal.onabort = () => {{ throw 3; }};
                request.text().catch(() => {{}});
                {patch}
                return new Response(new ReadableStream({{ cancel() {{ throw 4; }} }}));
            }} }};"
        );
        with_tenant(&source, |tenant| {
            let stream = tenant.request("POST", "http://a.localhost/", Incoming::Follows);
            tenant.abort(stream);
            let said = tenant.said();
            let done = said.iter().filter(|said| **said == Said::Done { stream }).count();
            assert_eq!(done, 1, "{said:?}");
        });
    }
}

fn promises() {
    let source = "export default { fetch() {
            const answer = Promise.resolve(new Response('answered'));
            let looks = 0;
            Object.defineProperty(answer, 'constructor', { get() { if (looks++ > 0) throw new Error('no'); return Promise; } });
            return answer;
        } };";
    with_tenant(source, |tenant| {
        tenant.get();
        assert_eq!(tenant.answered(), "answered");
    });
    let source = "export default { fetch() {
            const answer = Promise.resolve(new Response('answered'));
            Object.defineProperty(answer, 'constructor', { get() { throw new Error('no'); } });
            return answer;
        } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        let said = tenant.said();
        assert!(
            matches!(&said[0], Said::Failed { message, .. } if message.contains("no")),
            "{said:?}"
        );
        assert_eq!(said[1], Said::Done { stream });
    });
}

fn waiting() {
    let source = "export default { fetch(request, env, ctx) {
            const work = Promise.resolve();
            Object.defineProperty(work, 'constructor', { get() { throw new Error('no'); } });
            let thrown;
            try { ctx.waitUntil(work); } catch (error) { thrown = error.message; }
            return new Response(thrown);
        } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        let said = tenant.said();
        let told = Body::Whole("no".to_owned());
        assert!(matches!(&said[0], Said::Response { body, .. } if *body == told), "{said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream }));
    });
}

fn listeners() {
    let source = "const target = new EventTarget();
        let heard = 0;
        target.addEventListener('x', () => { heard++; }, { once: true });
        target.addEventListener('x', () => { heard++; });
        export default { fetch(request) {
            Object.defineProperty(Array.prototype, 0, { configurable: true, set() { throw new Error('no'); } });
            try { target.dispatchEvent(new Event('x')); } finally { delete Array.prototype[0]; }
            target.dispatchEvent(new Event('x'));
            return new Response(String(heard));
        } };";
    with_tenant(source, |tenant| {
        tenant.get();
        assert_eq!(tenant.answered(), "3");
    });
}
