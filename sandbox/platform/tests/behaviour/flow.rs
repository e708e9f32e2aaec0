//! Credit: nobody sends more than the other side takes.

use insula_platform::Incoming;
use insula_wire::caps;

use crate::support::{Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("a_whole_body_stops_when_credit_is_used_up", whole),
    ("a_stream_is_not_read_beyond_its_credit", stream),
    ("credit_is_granted_as_a_body_is_consumed", granted),
    ("a_body_that_waits_in_vain_for_credit_holds_its_request", holds),
    ("a_client_that_goes_away_stops_the_source", gone),
    ("chunks_are_the_platforms_once_they_are_taken", taken),
];

fn sent(said: &[Said]) -> usize {
    let sizes = said.iter().map(|said| match said {
        Said::Chunk { text, .. } => text.len(),
        _ => 0,
    });
    sizes.sum()
}

const CREDIT: usize = caps::INITIAL_CREDIT as usize;

fn whole() {
    let source =
        format!("export default {{ fetch: () => new Response('x'.repeat({})) }};", CREDIT + 10);
    with_tenant(&source, |tenant| {
        let stream = tenant.get();
        tenant.run();
        let said = tenant.said();
        assert_eq!(sent(&said), CREDIT);
        assert!(!said.contains(&Said::End { stream }));
        tenant.credit(stream, 4);
        assert_eq!(sent(&tenant.said()), 4);
        tenant.credit(stream, 100);
        let said = tenant.said();
        assert_eq!(sent(&said), 6);
        assert_eq!(said[1..], [Said::End { stream }, Said::Done { stream }]);
    });
}

fn stream() {
    let source = "let pulls = 0;
        export default { fetch() {
            return new Response(new ReadableStream({ pull(c) { console.log(++pulls); c.enqueue(new Uint8Array(65536)); } }, { highWaterMark: 0 }));
        } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        tenant.run();
        let said = tenant.said();
        assert_eq!(sent(&said), CREDIT);
        let pulls = said.iter().filter(|said| matches!(said, Said::Log { .. })).count();
        assert_eq!(pulls, CREDIT / 65536 + 1, "one chunk waits for credit");
        tenant.credit(stream, 65536);
        let said = tenant.said();
        assert_eq!(sent(&said), 65536);
        // One more was pulled, for the request whose body it is.
        assert!(
            matches!(
                said[..],
                [Said::Log { stream: 2, .. }, Said::Chunk { .. }]
                    | [Said::Chunk { .. }, Said::Log { stream: 2, .. }]
            ),
            "{said:?}"
        );
        tenant.abort(stream);
    });
}

fn granted() {
    let source = "let reader;
        export default { async fetch(request) {
            if (request.method === 'GET') { await reader.read(); return new Response(null); }
            reader = request.body.getReader();
            await new Promise((r) => { request.signal.onabort = r; });
        } };";
    with_tenant(source, |tenant| {
        let stream = tenant.request("POST", "http://a/", Incoming::Follows);
        for size in [10, 20, 30] {
            tenant.chunk(stream, &vec![0; size]);
        }
        // What a stream keeps ready for its reader counts as consumed; the rest waits.
        let mut granted = credited(&tenant.said());
        assert!(granted <= 10, "{granted}");
        for _ in 0..3 {
            tenant.get();
            granted += credited(&tenant.said());
        }
        assert_eq!(granted, 60);
        tenant.abort(stream);
    });
}

fn credited(said: &[Said]) -> u32 {
    let granted = said.iter().map(|said| match said {
        Said::Credit { bytes, .. } => *bytes,
        _ => 0,
    });
    granted.sum()
}

fn holds() {
    let source =
        format!("export default {{ fetch: () => new Response('x'.repeat({})) }};", CREDIT + 1);
    with_tenant(&source, |tenant| {
        let stream = tenant.get();
        tenant.said();
        tenant.run();
        assert_eq!(tenant.said(), []);
        tenant.credit(stream, 1);
        assert_eq!(tenant.said().last(), Some(&Said::Done { stream }));
    });
}

fn gone() {
    let source = "export default { fetch(request) {
        const { signal } = new Request(request); signal.onabort = () => console.log('signal', signal.reason.name);
        return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)); }, cancel(reason) { console.log('cancel', reason.name); } }));
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        tenant.said();
        tenant.abort(stream);
        let said = tenant.said();
        assert_eq!(said.iter().filter(|said| matches!(said, Said::Done { .. })).count(), 1);
        assert_eq!(sent(&said), 0);
        let lines: Vec<_> = said
            .iter()
            .filter_map(|said| match said {
                Said::Log { stream: 2, text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(lines, ["signal AbortError", "cancel AbortError"]);
        // Going away is no error of the tenant's.
        assert!(!said.iter().any(|said| matches!(said, Said::Exception { .. })), "{said:?}");
    });
}

/// What waits for credit, or for the rest of a body, does not follow what the tenant does with its chunk.
fn taken() {
    check_rows(&[(
        "read whole",
        "let controller;
        const bytes = new Uint8Array([1, 2]);
        const read = new Response(new ReadableStream({ start(c) { controller = c; c.enqueue(bytes); } })).bytes();
        await new Promise((resolve) => setTimeout(resolve, 1));
        bytes.fill(9);
        controller.enqueue(new Uint8Array([3])); controller.close();
        return [...await read];",
        "[1,2,3]",
    )]);
    let size = CREDIT + 40_000;
    let source = format!("const SIZE = {size};")
        + "export default { fetch() {
        const bytes = new TextEncoder().encode('x'.repeat(SIZE));
        setTimeout(() => bytes.buffer.transfer(), 1);
        return new Response(new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } }));
    } };";
    with_tenant(&source, move |tenant| {
        let stream = tenant.get();
        tenant.run();
        let mut all = sent(&tenant.said());
        assert_eq!(all, CREDIT);
        tenant.credit(stream, 65_536);
        all += sent(&tenant.said());
        assert_eq!(all, size);
    });
}
