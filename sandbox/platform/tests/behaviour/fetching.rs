//! `fetch`: what it refuses by itself, what it asks of the host, and how it ends.

use insula_platform::Incoming;
use insula_wire::RedirectMode;

use crate::support::{Body, Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("arguments_are_checked", arguments),
    ("the_host_is_asked_for_what_was_asked", asked),
    ("a_request_body_follows", request_bodies),
    ("a_failure_rejects", failures),
    ("an_abort_reaches_the_host_once", aborts),
    ("a_response_body_that_is_not_wanted_is_abandoned", abandoned),
    ("the_request_that_ends_takes_its_subrequests_along", ended),
    ("there_is_no_fetching_without_a_request", top_level),
];

fn arguments() {
    check_rows(ARGUMENTS);
}

const ARGUMENTS: &[Row<'_>] = &[
    ("nothing", "return failure(() => fetch());", r#""TypeError""#),
    (
        "it never throws",
        "const p = fetch(''); return [p instanceof Promise, await failure(() => p)];",
        r#"[true,"TypeError"]"#,
    ),
    (
        "URLs",
        "const out = []; for (const url of ['', '/relative', 'http://', 'http://u:p@a/', 'ftp://a/', 'file:///etc/passwd', 'data:,x', 'blob:x', Symbol.iterator, 'http://a/' + 'x'.repeat(70_000)]) out.push(await failure(() => fetch(url))); return [...new Set(out)];",
        r#"["TypeError"]"#,
    ),
    (
        "methods",
        "const out = []; for (const method of ['', 'a b', 'CONNECT', 'trace', 'TRACK', '\\u0100', 'M'.repeat(65)]) out.push(await failure(() => fetch('http://a/', { method }))); return [...new Set(out)];",
        r#"["TypeError"]"#,
    ),
    (
        "options",
        "const out = []; for (const init of [{ body: 'x' }, { method: 'HEAD', body: 'x' }, { redirect: 'x' }, { signal: 1 }, { headers: { 'a b': 'c' } }, { headers: [['a']] }, { headers: 1 }, 1, 'x', { mode: 'navigate' }, { cache: 'x' }, { credentials: 'x' }, { method: 'POST', body: new ReadableStream() }, { window: 1 }]) out.push(await failure(() => fetch('http://a/', init))); return [out.length, ...new Set(out)];",
        r#"[14,"TypeError"]"#,
    ),
    (
        "an aborted signal",
        "return [await failure(() => fetch('http://a/', { signal: AbortSignal.abort() })), await failure(() => fetch('http://a/', { signal: AbortSignal.abort('why') })), await failure(() => fetch(new Request('http://a/', { signal: AbortSignal.abort() })))];",
        r#"["AbortError","why","AbortError"]"#,
    ),
    (
        "headers that HTTP cannot carry",
        "return failure(() => fetch('http://a/', { headers: { a: 'a\\x07b' } }));",
        r#""TypeError""#,
    ),
    (
        "a used request",
        "const r = new Request('http://a/', { method: 'POST', body: 'x' }); await r.text(); return failure(() => fetch(r));",
        r#""TypeError""#,
    ),
];

fn fetch_of(said: &[Said]) -> &Said {
    said.iter().find(|said| matches!(said, Said::Fetch { .. })).expect("a subrequest")
}

fn asked() {
    let rows = [
        ("'https://b/x y?q#f'", "GET", "https://b/x%20y?q", "", Body::None, RedirectMode::Follow),
        ("new URL('https://b/')", "GET", "https://b/", "", Body::None, RedirectMode::Follow),
        (
            "'https://b', { method: 'post', headers: { A: '1' }, body: 'x', redirect: 'manual' }",
            "POST",
            "https://b/",
            "a: 1\ncontent-type: text/plain;charset=UTF-8",
            Body::Whole("x".to_owned()),
            RedirectMode::Manual,
        ),
        (
            "new Request('https://b', { method: 'PUT', body: new URLSearchParams({ a: 'b c' }) }), { redirect: 'error' }",
            "PUT",
            "https://b/",
            "content-type: application/x-www-form-urlencoded;charset=UTF-8",
            Body::Whole("a=b+c".to_owned()),
            RedirectMode::Error,
        ),
        (
            "'https://b', { method: 'patch', body: '' }",
            "patch",
            "https://b/",
            "content-type: text/plain;charset=UTF-8",
            Body::Whole(String::new()),
            RedirectMode::Follow,
        ),
    ];
    for (arguments, method, url, headers, body, redirect) in rows {
        with_tenant(
            &format!("export default {{ fetch: () => fetch({arguments}) }};"),
            move |tenant| {
                let parent = tenant.get();
                let said = tenant.said();
                let expected = Said::Fetch {
                    stream: 1,
                    parent,
                    redirect,
                    method: method.to_owned(),
                    url: url.to_owned(),
                    headers: headers.to_owned(),
                    body,
                };
                // What the platform adds of its own is not compared.
                let Said::Fetch { headers, .. } = fetch_of(&said) else { unreachable!() };
                let own =
                    |line: &&str| !line.starts_with("accept") && !line.starts_with("user-agent");
                let headers = headers.lines().filter(own).collect::<Vec<_>>().join("\n");
                let mut got = fetch_of(&said).clone();
                if let Said::Fetch { headers: got, .. } = &mut got {
                    *got = headers;
                }
                assert_eq!(got, expected);
                tenant.answer(1, Incoming::Whole(b"answer"));
                assert!(matches!(tenant.said()[0], Said::Response { status: 200, .. }));
            },
        );
    }
}

fn request_bodies() {
    let source = "export default { async fetch(request) {
        const response = await fetch('https://b/', { method: 'POST', body: request.body, duplex: 'half' });
        return new Response(await response.text());
    } };";
    with_tenant(source, |tenant| {
        let stream = tenant.request("POST", "http://a/", Incoming::Follows);
        assert!(matches!(fetch_of(&tenant.said()), Said::Fetch { body: Body::Follows(None), .. }));
        tenant.chunk(stream, b"part");
        let said = tenant.said();
        assert!(said.contains(&Said::Chunk { stream: 1, text: "part".to_owned() }), "{said:?}");
        // The answer may come before the body has gone out.
        tenant.answer(1, Incoming::Follows);
        tenant.chunk(1, b"an");
        tenant.end(stream);
        assert!(tenant.said().contains(&Said::End { stream: 1 }));
        tenant.chunk(1, b"swer");
        tenant.end(1);
        let said = tenant.said();
        let body = Body::Whole("answer".to_owned());
        assert!(
            said.iter().any(|said| matches!(said, Said::Response { body: it, .. } if *it == body))
        );
    });
    // The source breaks off: the host hears of it.
    with_tenant(source, |tenant| {
        let stream = tenant.request("POST", "http://a/", Incoming::Follows);
        tenant.error(stream, "gone");
        assert!(tenant.said().contains(&Said::Error { stream: 1 }));
        tenant.fail(1, "the body broke off");
        let said = tenant.said();
        assert!(matches!(said[0], Said::Failed { .. }), "{said:?}");
    });
}

fn failures() {
    let source = "export default { async fetch() {
        try { await (await fetch('https://b/')).text(); }
        catch (error) { return new Response(`${error.name}: ${error.message}`); }
    } };";
    let told = |text: &str| Body::Whole(text.to_owned());
    with_tenant(source, move |tenant| {
        tenant.get();
        tenant.fail(1, "refused");
        let said = tenant.said();
        let expected = told("TypeError: fetch failed: refused");
        assert!(matches!(&said[1], Said::Response { body, .. } if *body == expected), "{said:?}");
    });
    with_tenant(source, move |tenant| {
        tenant.get();
        tenant.answer(1, Incoming::Follows);
        tenant.error(1, "broke off");
        let said = tenant.said();
        let expected = told("TypeError: The body could not be read: broke off");
        assert!(matches!(&said[1], Said::Response { body, .. } if *body == expected), "{said:?}");
    });
}

fn aborts() {
    let source = |when: &str| {
        format!(
            "export default {{ async fetch() {{
                const c = new AbortController();
                try {{
                    const asking = fetch('https://b/', {{ signal: c.signal }});
                    {when}
                }} catch (error) {{ c.abort(); return new Response(error.name); }}
            }} }};"
        )
    };
    let body = Body::Whole("AbortError".to_owned());
    let before = "setTimeout(() => c.abort(), 1); await asking;";
    let expected = body.clone();
    with_tenant(&source(before), move |tenant| {
        let stream = tenant.get();
        tenant.run();
        let said = tenant.said();
        assert_eq!(said[1], Said::Abort { stream: 1 });
        assert!(matches!(&said[2], Said::Response { body, .. } if *body == expected), "{said:?}");
        assert_eq!(said[3..], [Said::Done { stream }]);
        // The answer was on its way.
        tenant.answer(1, Incoming::Whole(b"late"));
        tenant.fail(1, "late");
        assert_eq!(tenant.said(), []);
    });
    let within =
        "const response = await asking; setTimeout(() => c.abort(), 1); await response.text();";
    with_tenant(&source(within), move |tenant| {
        tenant.get();
        tenant.answer(1, Incoming::Follows);
        tenant.chunk(1, b"part");
        tenant.run();
        let said = tenant.said();
        let aborts = said.iter().filter(|said| **said == Said::Abort { stream: 1 }).count();
        assert_eq!(aborts, 1, "{said:?}");
        assert!(
            said.iter().any(|said| matches!(said, Said::Response { body: it, .. } if *it == body)),
            "{said:?}"
        );
    });
    let after = "await (await asking).text(); c.abort(); return new Response('read');";
    with_tenant(&source(after), |tenant| {
        tenant.get();
        tenant.answer(1, Incoming::Whole(b"whole"));
        let said = tenant.said();
        assert!(!said.contains(&Said::Abort { stream: 1 }), "{said:?}");
    });
}

fn abandoned() {
    let source = "export default { async fetch() {
        const response = await fetch('https://b/');
        await response.body.cancel();
        return new Response('enough');
    } };";
    with_tenant(source, |tenant| {
        tenant.get();
        tenant.answer(1, Incoming::Follows);
        let said = tenant.said();
        assert!(said.contains(&Said::Abort { stream: 1 }), "{said:?}");
        tenant.chunk(1, b"late");
        tenant.end(1);
        assert_eq!(tenant.said(), []);
    });
}

fn ended() {
    // Nobody waits for the subrequest when the request is over.
    let source = "export default { fetch(request) { fetch('https://b/').then(() => console.log('late')); return new Response('now'); } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        assert!(tenant.said().contains(&Said::Done { stream }));
        // What was on its way when it ended is for nobody.
        tenant.fail(1, "its request is over");
        assert_eq!(tenant.said(), []);
    });
    let source = "export default { async fetch(request) { request.signal.onabort = () => console.log('aborted'); await fetch('https://b/', { signal: request.signal }); } };";
    with_tenant(source, |tenant| {
        let stream = tenant.get();
        tenant.said();
        tenant.abort(stream);
        let said = tenant.said();
        assert!(matches!(&said[0], Said::Log { text, .. } if text == "aborted"), "{said:?}");
        assert!(said.contains(&Said::Abort { stream: 1 }), "{said:?}");
        assert!(said.contains(&Said::Done { stream }), "{said:?}");
    });
}

fn top_level() {
    let source = "let told; try { await fetch('https://b/'); } catch (error) { told = error; }
        export default { fetch: () => new Response(told.name + ': ' + told.message) };";
    with_tenant(source, |tenant| {
        tenant.get();
        let said = tenant.said();
        let Said::Response { body: Body::Whole(text), .. } = &said[0] else { panic!("{said:?}") };
        assert!(text.starts_with("TypeError: fetch is only allowed while"), "{text}");
    });
}
