//! Requests that wait for what can never happen, and requests that only seem to.

use insula_platform::Incoming;
use insula_wire::FailureCode;

use crate::support::{Body, Said, Test, with_tenant};

pub const TESTS: &[Test] = &[
    ("a_handler_that_waits_in_vain_fails", in_vain),
    ("a_timer_is_worth_waiting_for", timers),
    ("a_subrequest_is_worth_waiting_for", subrequests),
    ("an_arriving_body_is_worth_waiting_for", arriving_bodies),
    ("another_request_may_bring_what_is_waited_for", other_requests),
    ("wait_until_in_vain_ends_the_request_after_its_answer", wait_until),
    ("a_response_body_that_never_goes_on_breaks_off", endless_body),
    ("a_request_body_that_nobody_reads_does_not_hold_its_request", unread_body),
];

fn failures(said: Vec<Said>) -> Vec<(u32, FailureCode)> {
    let failed = said.into_iter().filter_map(|said| match said {
        Said::Failed { stream, code, .. } => Some((stream, code)),
        _ => None,
    });
    failed.collect()
}

fn in_vain() {
    let handlers = [
        "fetch: () => new Promise(() => {})",
        "async fetch() { await new Promise(() => {}); }",
        "async fetch() { await new ReadableStream().getReader().read(); }",
        "async fetch(request) { await new Promise((r) => request.signal.addEventListener('abort', r)); }",
        "fetch: () => ({ then() {} })",
    ];
    for handler in handlers {
        with_tenant(&format!("export default {{ {handler} }};"), |tenant| {
            tenant.get();
            tenant.get();
            assert_eq!(failures(tenant.said()), []);
            tenant.run();
            let said = tenant.said();
            assert!(said.contains(&Said::Done { stream: 2 }), "{said:?}");
            let never = FailureCode::NeverSettles;
            assert_eq!(failures(said), [(2, never), (4, never)]);
        });
    }
}

fn timers() {
    let source = "export default { async fetch() {
        await new Promise((r) => setTimeout(r, 60_000));
        return new Response('late');
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        tenant.run();
        let said = tenant.said();
        assert_eq!(said[1..], [Said::Done { stream }], "{said:?}");
    });
}

fn subrequests() {
    with_tenant("export default { fetch: () => fetch('https://b.example/') };", |tenant| {
        let stream = tenant.get();
        tenant.run();
        assert_eq!(failures(tenant.said()), []);
        tenant.answer(1, Incoming::Whole(b"hello"));
        let said = tenant.said();
        assert_eq!(said[1..], [Said::Done { stream }], "{said:?}");
    });
}

fn arriving_bodies() {
    let source = "export default { fetch: async (request) => new Response(await request.text()) };";
    with_tenant(source, |tenant| {
        let stream = tenant.request("POST", "http://a/", Incoming::Follows);
        tenant.run();
        tenant.chunk(stream, b"part");
        tenant.run();
        assert_eq!(tenant.said(), [Said::Credit { stream, bytes: 4 }]);
        tenant.end(stream);
        assert_eq!(tenant.said().last(), Some(&Said::Done { stream }));
    });
}

fn other_requests() {
    // The first waits for the second, which waits for its client.
    let source = "let release;
        export default { async fetch(request) {
            if (request.method === 'GET') await new Promise((r) => { release = r; });
            else { await request.text(); release(); }
            return new Response(request.method);
        } };";
    with_tenant(source, |tenant| {
        let first = tenant.get();
        let second = tenant.request("POST", "http://a/", Incoming::Follows);
        tenant.run();
        tenant.end(second);
        tenant.run();
        let said = tenant.said();
        assert!(said.contains(&Said::Done { stream: first }), "{said:?}");
        assert_eq!(failures(said), []);
    });
}

fn wait_until() {
    let source = "export default { fetch(request, env, ctx) {
        ctx.waitUntil(new Promise(() => {}));
        return new Response('answered');
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        let answer = tenant.said();
        assert!(matches!(answer[..], [Said::Response { status: 200, .. }]), "{answer:?}");
        tenant.run();
        let said = tenant.said();
        assert_eq!(said.last(), Some(&Said::Done { stream }));
        assert!(
            matches!(&said[0], Said::Exception { message, .. } if message.contains("waitUntil")),
            "{said:?}"
        );
    });
}

fn endless_body() {
    let sources = [
        // It gives nothing.
        "new ReadableStream({ pull: () => new Promise(() => {}) })",
        // It gives something first.
        "new ReadableStream({ start(c) { c.enqueue(new Uint8Array(3)); } })",
        // Somebody else would have to write.
        "new TransformStream().readable",
    ];
    for source in sources {
        let source = format!("export default {{ fetch: () => new Response({source}) }};");
        with_tenant(&source, |tenant| {
            let stream = tenant.get();
            tenant.run();
            let said = tenant.said();
            assert!(
                matches!(said[0], Said::Response { body: Body::Follows(None), .. }),
                "{said:?}"
            );
            let end = &said[said.len() - 2..];
            assert!(said.contains(&Said::Error { stream }), "{said:?}");
            assert_eq!(end[1], Said::Done { stream });
            assert!(said.iter().any(|said| matches!(said, Said::Exception { .. })), "{said:?}");
        });
    }
}

fn unread_body() {
    with_tenant("export default { fetch: () => new Response('no') };", |tenant| {
        let stream = tenant.request("POST", "http://a/", Incoming::Follows);
        tenant.chunk(stream, &[0; 1000]);
        let said = tenant.said();
        assert!(matches!(said[0], Said::Response { .. }));
        assert_eq!(said.last(), Some(&Said::Done { stream }));
        // What still comes is for nobody.
        tenant.chunk(stream, &[0; 1000]);
        tenant.end(stream);
        assert_eq!(tenant.said(), []);
    });
}
