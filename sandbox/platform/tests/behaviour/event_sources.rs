//! EventSource.

use insula_platform::Incoming;

use crate::support::{Row, Said, Tenant, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("events_are_what_the_stream_says", parsing),
    ("a_broken_connection_is_made_again_where_it_ended", again),
    ("what_is_no_event_stream_is_given_up", refused),
    ("who_cannot_be_reached_is_given_up_after_a_while", unreachable),
    ("a_closed_source_is_silent", closed),
    ("arguments", arguments),
];

const SOURCE: &str = "export default { fetch(request, env, ctx) {
    const source = new EventSource('https://b.example/events');
    const log = (e) => console.log([e.type, e.data, e.lastEventId, e.origin, e.target.readyState].join('|'));
    for (const type of ['open', 'message', 'error', 'named']) source.addEventListener(type, log);
    source.addEventListener('stop', () => source.close());
    ctx.waitUntil(new Promise((r) => setTimeout(r, 100_000)));
    return new Response(null);
} };";

fn lines(tenant: &mut Tenant) -> Vec<String> {
    tenant.tick();
    tenant
        .logged()
        .into_iter()
        .map(|(stream, text)| {
            assert_eq!(stream, 2, "{text}");
            text
        })
        .collect()
}

fn fetched(tenant: &mut Tenant) -> Vec<(u32, String)> {
    let fetches = tenant.said().into_iter().filter_map(|said| match said {
        Said::Fetch { stream, headers, .. } => Some((stream, headers)),
        _ => None,
    });
    fetches.collect()
}

fn parsing() {
    with_tenant(SOURCE, |tenant| {
        tenant.get();
        let fetches = fetched(tenant);
        let [(1, headers)] = &fetches[..] else { panic!("{fetches:?}") };
        assert!(headers.contains("accept: text/event-stream"), "{headers}");
        assert!(!headers.contains("last-event-id"), "{headers}");
        tenant.answer_with_events(1);
        assert_eq!(lines(tenant), ["open||||1"]);
        // A byte order mark, every line end, an end that is cut in two, and characters that are.
        let stream = "\u{feff}data: one\ndata:two\n\n: comment\ndata\n\nid: 7\r\nevent:named\r\ndata:  x\r\n\r\ndata:é\r\rid\n\nunknown: 1\ndata:y\nevent: \n\nevent:z\n\nid:a\0b\ndata:z\n\ndata: cut";
        let origin = "https://b.example:8443";
        let expected = [
            format!("message|one\ntwo||{origin}|1"),
            format!("message|||{origin}|1"),
            format!("named| x|7|{origin}|1"),
            format!("message|é|7|{origin}|1"),
            format!("message|y||{origin}|1"),
            format!("message|z||{origin}|1"),
        ];
        for byte in stream.bytes() {
            tenant.chunk(1, &[byte]);
            tenant.tick();
        }
        assert_eq!(lines(tenant), expected);
        tenant.chunk(1, b"\n\n");
        tenant.chunk(1, stream.as_bytes());
        assert_eq!(lines(tenant).len(), 7);
        tenant.end(1);
        assert_eq!(lines(tenant), ["error||||0"]);
    });
}

fn again() {
    with_tenant(SOURCE, |tenant| {
        tenant.get();
        tenant.answer_with_events(1);
        tenant.chunk(1, "id: ü1\nretry: 10\ndata: a\n\n".as_bytes());
        assert_eq!(lines(tenant).len(), 2);
        tenant.error(1, "gone");
        assert_eq!(lines(tenant), ["error||||0"]);
        tenant.tick_by(10);
        let fetches = fetched(tenant);
        let [(3, headers)] = &fetches[..] else { panic!("{fetches:?}") };
        assert!(headers.contains("last-event-id: ü1"), "{headers}");
        tenant.fail(3, "no way");
        assert_eq!(lines(tenant), ["error||||0"]);
        tenant.tick_by(10);
        assert_eq!(fetched(tenant)[0].0, 5);
        tenant.answer_with_events(5);
        assert_eq!(lines(tenant), ["open||||1"]);
    });
}

fn refused() {
    with_tenant(SOURCE, |tenant| {
        tenant.get();
        tenant.answer(1, Incoming::Whole(b"data: a\n\n"));
        assert_eq!(lines(tenant), ["error||||2"]);
        tenant.tick_by(10_000);
        assert_eq!(fetched(tenant), []);
    });
}

fn unreachable() {
    with_tenant(SOURCE, |tenant| {
        tenant.get();
        for attempt in 0..10 {
            assert_eq!(fetched(tenant)[0].0, attempt * 2 + 1);
            tenant.fail(attempt * 2 + 1, "no way");
            let state = if attempt == 9 { 2 } else { 0 };
            assert_eq!(lines(tenant), [format!("error||||{state}")]);
            tenant.tick_by(3000);
        }
        assert_eq!(fetched(tenant), []);
    });
}

fn closed() {
    with_tenant(SOURCE, |tenant| {
        tenant.get();
        tenant.answer_with_events(1);
        tenant.chunk(1, b"event: stop\ndata: x\n\ndata: not this\n\n");
        tenant.tick();
        let said = tenant.said();
        assert!(said.contains(&Said::Abort { stream: 1 }), "{said:?}");
        assert!(!format!("{said:?}").contains("not this"), "{said:?}");
        tenant.tick_by(10_000);
        assert_eq!(tenant.said(), []);
    });
}

fn arguments() {
    check_rows(ARGUMENTS);
}

const ARGUMENTS: &[Row<'_>] = &[(
    "and constants",
    "const s = new EventSource('http://a.b/x y', { withCredentials: 1 }); const { OPEN } = s; const got = [s.url, s.withCredentials, s.readyState, OPEN, EventSource.CLOSED, s.onopen]; s.close(); s.close();
    return [...got, s.readyState, await failure(() => new EventSource('x')), await failure(() => new EventSource()), await failure(() => EventSource('http://a'))];",
    r#"["http://a.b/x%20y",true,0,1,2,null,2,"SyntaxError","TypeError","TypeError"]"#,
)];
