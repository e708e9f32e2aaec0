//! From what a handler returns to what the host is told.

use insula_wire::{FailureCode, caps};

use crate::support::{Body, Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("what_is_no_response_fails", no_response),
    ("what_cannot_be_sent_fails", unsendable),
    ("handlers_that_throw_fail", throwing),
    ("a_whole_body_travels_with_its_head", whole),
    ("a_large_body_follows_its_head", large),
    ("a_streamed_body_follows_its_head", streamed),
    ("a_streamed_body_that_fails_breaks_off", failing),
    ("header_fields_travel_as_bytes", fields),
    ("a_response_is_sent_once", sent_once),
    ("service_workers_answer_once", service_workers),
    ("responses_are_made_as_the_standard_says", made),
];

/// What is said in answer to `GET /` by a module with this `fetch` handler.
fn answer(handler: &str) -> Vec<Said> {
    let source = format!("export default {{ {handler} }};");
    answer_of(&source)
}

fn answer_of(source: &str) -> Vec<Said> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    with_tenant(source, move |tenant| {
        tenant.get();
        tenant.run();
        sender.send(tenant.said()).expect("the test waits");
    });
    receiver.recv().expect("an answer")
}

fn check_failure(handler: &str, expected: FailureCode) {
    let said = answer(handler);
    match &said[..] {
        [Said::Failed { stream: 2, code, .. }, Said::Done { stream: 2 }] => {
            assert_eq!(*code, expected, "{handler}: {said:?}");
        }
        _ => panic!("{handler}: {said:?}"),
    }
}

fn no_response() {
    for value in [
        "undefined",
        "null",
        "'text'",
        "{}",
        "{ status: 200, headers: new Headers(), body: null }",
        "Object.create(Response.prototype)",
        "new Proxy(new Response(), {})",
        "Response",
        "new Request('http://a/')",
    ] {
        check_failure(&format!("fetch: () => ({value})"), FailureCode::NotAResponse);
        check_failure(&format!("fetch: async () => ({value})"), FailureCode::NotAResponse);
    }
}

fn unsendable() {
    let used = "const r = new Response('x'); await r.text(); return r;";
    let locked = "const r = new Response('x'); r.body.getReader(); return r;";
    for code in [used, locked] {
        check_failure(&format!("async fetch() {{ {code} }}"), FailureCode::BodyUsed);
    }
    let many = "const h = new Headers(); for (let i = 0; i < 600; i++) h.append('a' + i, 'b');";
    let long = "const h = { a: 'x'.repeat(200_000) };";
    let control = "const h = { a: 'a\\x07b' };";
    let delete = "const h = { a: 'a\\x7f' };";
    for headers in [many, long, control, delete] {
        let handler =
            format!("fetch() {{ {headers} return new Response('x', {{ headers: h }}); }}");
        check_failure(&handler, FailureCode::Exception);
    }
    check_failure("fetch: () => Response.error()", FailureCode::Exception);
}

fn throwing() {
    for handler in [
        "fetch() { throw new Error('x'); }",
        "fetch() { throw undefined; }",
        "async fetch() { throw new Error('x'); }",
        "fetch: () => Promise.reject()",
        "fetch: () => ({ then() { throw 1; } })",
        "fetch: () => ({ get then() { throw 1; } })",
        "fetch() { (function f() { f(); })(); }",
    ] {
        check_failure(handler, FailureCode::Exception);
    }
}

fn response(said: &[Said]) -> (&u16, &str, &Body) {
    match &said[0] {
        Said::Response { stream: 2, status, headers, body } => (status, headers, body),
        other => panic!("{other:?}"),
    }
}

fn whole() {
    let cap = caps::INLINE_BODY;
    let rows = [
        ("new Response()", Body::None),
        ("new Response(null, { status: 204 })", Body::None),
        ("new Response('')", Body::Whole(String::new())),
        ("new Response('h\\u00e9')", Body::Whole("hé".to_owned())),
        ("new Response(new Uint8Array([104, 105]))", Body::Whole("hi".to_owned())),
        ("Response.json({ a: [1] })", Body::Whole("{\"a\":[1]}".to_owned())),
        ("Response.redirect('http://a/')", Body::None),
        (&format!("new Response('x'.repeat({cap}))"), Body::Whole("x".repeat(cap))),
    ];
    for (value, expected) in rows {
        let said = answer(&format!("fetch: () => {value}"));
        assert_eq!(*response(&said).2, expected, "{value}");
        assert_eq!(said[1..], [Said::Done { stream: 2 }], "{value}");
    }
}

/// Joins the chunks that follow a head, which an end must follow.
fn followed(said: &[Said]) -> String {
    let [Said::Response { .. }, chunks @ .., Said::End { .. }, Said::Done { .. }] = said else {
        panic!("{:?} … {:?}", said.first(), said.last());
    };
    let parts = chunks.iter().map(|said| match said {
        Said::Chunk { text, .. } if text.len() <= caps::CHUNK => text.as_str(),
        other => panic!("{other:?}"),
    });
    parts.collect()
}

fn large() {
    let size = caps::INLINE_BODY + 1;
    for (value, bytes) in [
        (format!("'x'.repeat({size})"), size),
        (format!("new Uint8Array({size}).fill(120)"), size),
        (format!("'\\u00e9'.repeat({})", size / 2 + 1), size / 2 * 2 + 2),
        (format!("new Blob(['x'.repeat({size})])"), size),
    ] {
        let said = answer(&format!("fetch: () => new Response({value})"));
        assert_eq!(*response(&said).2, Body::Follows(Some(bytes as u64)), "{value}");
        assert_eq!(followed(&said).len(), bytes, "{value}");
    }
}

fn streamed() {
    for (body, expected) in [
        ("new ReadableStream({ start(c) { c.close(); } })", ""),
        ("new Blob(['abc']).stream()", "abc"),
        ("new Response('abc').body", "abc"),
        ("ReadableStream.from(['a', 'b']).pipeThrough(new TextEncoderStream())", "ab"),
        (
            "ReadableStream.from(async function* () { for (const n of [1, 2, 3]) { await new Promise((r) => setTimeout(r, n)); yield new Uint8Array([48 + n]); } }())",
            "123",
        ),
        ("ReadableStream.from(Array(3000).fill(new Uint8Array([120])))", &"x".repeat(3000)),
        ("ReadableStream.from([new Uint8Array(0), new Uint8Array([120]), new Uint8Array(0)])", "x"),
    ] {
        let said = answer(&format!("fetch: () => new Response({body})"));
        assert_eq!(*response(&said).2, Body::Follows(None), "{body}");
        assert_eq!(followed(&said), expected, "{body}");
    }
}

fn failing() {
    for body in [
        "new ReadableStream({ pull() { throw new Error('broken'); } })",
        "new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); }, pull(c) { c.error(new Error('broken')); } })",
        "ReadableStream.from(async function* () { yield new Uint8Array(1); throw new Error('broken'); }())",
    ] {
        let said = answer(&format!("fetch: () => new Response({body})"));
        assert!(said.contains(&Said::Error { stream: 2 }), "{said:?}");
        let message = "Error: broken".to_owned();
        assert!(said.contains(&Said::Exception { stream: 2, message }), "{said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream: 2 }));
    }
    for chunk in ["'text'", "1", "null", "new ArrayBuffer(1)", "new Uint16Array(1)", "{}"] {
        let body = format!("new ReadableStream({{ start(c) {{ c.enqueue({chunk}); }} }})");
        let said = answer(&format!("fetch: () => new Response({body})"));
        assert!(said.contains(&Said::Error { stream: 2 }), "{chunk}: {said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream: 2 }));
    }
}

fn fields() {
    let said = answer(
        "fetch() {
            const response = new Response('', { headers: [['X-B', ' 2 '], ['set-cookie', 'a=1'], ['Set-Cookie', 'b=2'], ['x-b', '\\xe9']] });
            return response;
        }",
    );
    let (_, headers, _) = response(&said);
    // Bytes that are no UTF-8 show as U+FFFD here.
    let expected = [
        "content-type: text/plain;charset=UTF-8",
        "set-cookie: a=1",
        "set-cookie: b=2",
        "x-b: 2",
        "x-b: \u{fffd}",
    ];
    let mut lines: Vec<_> = headers.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, expected);
}

fn sent_once() {
    let source = "const r = new Response('x'); export default { fetch: () => r };";
    with_tenant(source, |tenant| {
        tenant.get();
        assert!(matches!(tenant.said()[0], Said::Response { .. }));
        tenant.get();
        let said = tenant.said();
        let used = FailureCode::BodyUsed;
        assert!(matches!(said[0], Said::Failed { code, .. } if code == used), "{said:?}");
    });
    let source =
        "const r = new Response(null, { status: 201 }); export default { fetch: () => r };";
    with_tenant(source, |tenant| {
        for _ in 0..3 {
            tenant.get();
            let said = tenant.said();
            assert!(matches!(said[0], Said::Response { status: 201, .. }), "{said:?}");
        }
    });
}

fn service_workers() {
    let worker =
        |code: &str| answer_of(&format!("addEventListener('fetch', (event) => {{ {code} }});"));
    let said = worker("event.respondWith(new Response('a'));");
    assert_eq!(*response(&said).2, Body::Whole("a".to_owned()));
    let said = worker("event.respondWith(Promise.resolve(new Response('b')));");
    assert_eq!(*response(&said).2, Body::Whole("b".to_owned()));
    let said = worker(
        "event.respondWith(new Response('a'));
        try { event.respondWith(new Response('b')); } catch (error) { console.log(error.name); }",
    );
    assert!(matches!(&said[0], Said::Log { text, .. } if text == "InvalidStateError"), "{said:?}");
    let said = worker(
        "Promise.resolve().then(() => event.respondWith(new Response('late'))).catch((error) => console.log(error.name));",
    );
    let logged =
        |said: &Said| matches!(said, Said::Log { text, .. } if text == "InvalidStateError");
    assert!(said.iter().any(logged), "{said:?}");
    for code in [
        "",
        "event.respondWith(1);",
        "event.respondWith(Promise.reject(new Error('x')));",
        "throw new Error('x');",
        "event.respondWith(new Response('a')); throw new Error('after');",
    ] {
        let said = worker(code);
        let answers = said
            .iter()
            .filter(|said| matches!(said, Said::Response { .. } | Said::Failed { .. }))
            .count();
        assert_eq!(answers, 1, "{code}: {said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream: 2 }), "{code}");
    }
    // Both ways at once: the exported handler is the one that counts.
    let said = answer_of(
        "addEventListener('fetch', (event) => event.respondWith(new Response('listener')));
        export default { fetch: () => new Response('export') };",
    );
    assert_eq!(*response(&said).2, Body::Whole("export".to_owned()));
}

fn made() {
    check_rows(MADE);
}

const MADE: &[Row<'_>] = &[
    (
        "statuses",
        "const out = []; for (const status of [0, 100, 101, 199, 200, 599, 600, 65736]) out.push(await failure(() => new Response(null, { status }))); return out;",
        r#"["RangeError","RangeError","RangeError","RangeError","nothing","nothing","RangeError","nothing"]"#,
    ),
    (
        "null body statuses",
        "const out = []; for (const status of [204, 205, 304]) out.push(await failure(() => new Response('', { status })), await failure(() => Response.json(1, { status }))); return out;",
        r#"["TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"]"#,
    ),
    (
        "status texts",
        "return [new Response(null, { statusText: 'a b' }).statusText, await failure(() => new Response(null, { statusText: 'a\\nb' })), await failure(() => new Response(null, { statusText: '\\u0100' }))];",
        r#"["a b","TypeError","TypeError"]"#,
    ),
    (
        "redirects",
        "return [Response.redirect('http://a/b c').headers.get('location'), Response.redirect('http://a', 308).status, await failure(() => Response.redirect('/relative')), await failure(() => Response.redirect('http://a', 200)), await failure(() => Response.redirect('http://a').headers.set('a', 'b'))];",
        r#"["http://a/b%20c",308,"TypeError","RangeError","TypeError"]"#,
    ),
    (
        "header names and values",
        "const h = new Headers(); const set = (n, v) => failure(() => h.set(n, v)); return [await set('', 'x'), await set('a b', 'x'), await set('a', 'x\\ny'), await set('a', 'x\\0y'), await set('a', '\\u0100'), await set('a', ' \\t x \\r\\n'), h.get('A')];",
        r#"["TypeError","TypeError","TypeError","TypeError","TypeError","nothing","x"]"#,
    ),
    (
        "json of what is none",
        "return [await failure(() => Response.json(undefined)), await failure(() => Response.json(1n)), Response.json(1).headers.get('content-type'), Response.json(1, { headers: { 'content-type': 'a/b' } }).headers.get('content-type')];",
        r#"["TypeError","TypeError","application/json","a/b"]"#,
    ),
    (
        "a clone's headers are its own",
        "const a = new Response('x', { headers: { k: '1' } }), b = a.clone(); b.headers.set('k', '2'); return [a.headers.get('k'), b.headers.get('k'), b.headers.get('content-type')];",
        r#"["1","2","text/plain;charset=UTF-8"]"#,
    ),
];
