//! Bodies in each of their forms: used, locked, cloned, taken.

use insula_platform::Incoming;

use crate::support::{Body, Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("every_form_is_read_once", read_once),
    ("every_form_can_be_cloned", cloned),
    ("every_form_is_a_stream_on_demand", as_stream),
    ("every_form_moves_to_a_new_request", transferred),
    ("details", details),
    ("a_body_from_the_client_takes_every_form", incoming),
    ("a_body_that_breaks_off_rejects_its_readers", broken),
    ("looking_at_a_body_takes_it_from_nobody", looked_at),
];

/// Ways to make a body of the bytes of `héllo`.
const FORMS: &[(&str, &str)] = &[
    ("text", "'h\\u00e9llo'"),
    ("bytes", "new TextEncoder().encode('h\\u00e9llo')"),
    ("buffer", "new TextEncoder().encode('h\\u00e9llo').buffer"),
    ("view", "new DataView(new TextEncoder().encode('xh\\u00e9lloy').buffer, 1, 6)"),
    ("blob", "new Blob(['h', '\\u00e9llo'])"),
    ("stream", "new Blob(['h\\u00e9llo']).stream()"),
    (
        "default stream",
        "new ReadableStream({ start(c) { for (const t of ['h\\u00e9', 'llo']) c.enqueue(new TextEncoder().encode(t)); c.close(); } })",
    ),
    (
        "transform",
        "new ReadableStream({ start(c) { c.enqueue('h\\u00e9'); c.enqueue('llo'); c.close(); } }).pipeThrough(new TextEncoderStream())",
    ),
];

/// Checks `code` with each form as `form`, on a response and on a request.
fn check_forms(code: &str, expected: &'static str) {
    for (name, form) in FORMS {
        let response = format!("const make = () => new Response({form}); {code}");
        let request = format!(
            "const make = () => new Request('http://a/', {{ method: 'POST', body: {form}, duplex: 'half' }}); {code}"
        );
        let rows = [response, request].map(|code| (*name, code));
        let rows: Vec<Row<'_>> =
            rows.iter().map(|(name, code)| (*name, code.as_str(), expected)).collect();
        check_rows(&rows);
    }
}

fn read_once() {
    check_forms(
        "const all = [];
        for (const method of ['text', 'arrayBuffer', 'bytes', 'blob']) {
            const it = make(), before = it.bodyUsed;
            const reading = it[method](), during = it.bodyUsed;
            const value = await reading;
            const text = typeof value === 'string' ? value : await new Response(value).text();
            const again = [await failure(() => it[method]()), await failure(() => it.clone()), await failure(() => new Response(it.body))];
            all.push([before, during, text === 'h\\u00e9llo', ...again].join());
        }
        return [...new Set(all)];",
        r#"["false,true,true,TypeError,TypeError,TypeError"]"#,
    );
}

fn cloned() {
    check_forms(
        "const a = make(), b = a.clone(), c = b.clone();
        const texts = await Promise.all([a, b, c].map((each) => each.text()));
        return [texts.every((text) => text === 'h\\u00e9llo'), a.bodyUsed && b.bodyUsed && c.bodyUsed];",
        "[true,true]",
    );
}

fn as_stream() {
    check_forms(
        "const it = make(), stream = it.body;
        const same = it.body === stream, unread = it.bodyUsed;
        const reader = stream.getReader();
        const locked = await failure(() => it.text());
        const lockedClone = await failure(() => it.clone());
        reader.releaseLock();
        const all = await chunks(stream);
        return [same, unread, locked, lockedClone, all.every((chunk) => chunk instanceof Uint8Array), await new Blob(all).text() === 'h\\u00e9llo', it.bodyUsed, await failure(() => it.text())];",
        r#"[true,false,"TypeError","TypeError",true,true,true,"TypeError"]"#,
    );
}

fn transferred() {
    for (name, form) in FORMS {
        let code = format!(
            "const old = new Request('http://a/', {{ method: 'PUT', body: {form}, duplex: 'half' }});
            const next = new Request(old, {{ headers: {{ a: 'b' }} }});
            return [old.bodyUsed, next.bodyUsed, await failure(() => old.text()), await next.text() === 'h\\u00e9llo', next.method, await failure(() => new Request(old))];"
        );
        let expected = r#"[true,false,"TypeError",true,"PUT","TypeError"]"#;
        check_rows(&[(name, &code, expected)]);
    }
}

fn details() {
    check_rows(DETAILS);
}

const DETAILS: &[Row<'_>] = &[
    (
        "no body reads as nothing, any number of times",
        "const r = new Response(); return [r.body, await r.text(), await r.text(), (await r.bytes()).length, r.bodyUsed];",
        r#"[null,"","",0,false]"#,
    ),
    (
        "an empty body is a body",
        "const r = new Response(''); return [r.body instanceof ReadableStream, await r.text(), r.bodyUsed, await failure(() => r.text())];",
        r#"[true,"",true,"TypeError"]"#,
    ),
    (
        "a cancelled stream makes the body used",
        "const r = new Response('x'); await r.body.cancel(); return [r.bodyUsed, await failure(() => r.text())];",
        r#"[true,"TypeError"]"#,
    ),
    (
        "changing the bytes after does not change the body",
        "const bytes = new Uint8Array([97]); const r = new Response(bytes); bytes[0] = 98; return r.text();",
        r#""a""#,
    ),
    (
        "changing what was read does not change a clone",
        "const r = new Response(new Uint8Array([97])), c = r.clone(); (await r.bytes())[0] = 98; return c.text();",
        r#""a""#,
    ),
    (
        "lone surrogates are replaced",
        "return [...await new Response('\\ud800').bytes()];",
        "[239,191,189]",
    ),
    (
        "a byte order mark is not part of the text, but of the bytes",
        "const r = new Response('\\ufeffa'); return [(await r.clone().text()).length, (await r.bytes()).length];",
        "[1,4]",
    ),
    (
        "json that is none",
        "return [await failure(() => new Response('{').json()), await failure(() => new Response('').json())];",
        r#"["SyntaxError","SyntaxError"]"#,
    ),
    (
        "types of bodies",
        "const type = (b) => new Response(b).headers.get('content-type'); const f = new FormData(); return [type('a'), type(new URLSearchParams()), type(new Blob([], { type: 'a/b' })), type(new Blob([])), type(new Uint8Array()), /^multipart\\/form-data; boundary=./.test(type(f)), new Response('a', { headers: { 'content-type': 'x/y' } }).headers.get('content-type')];",
        r#"["text/plain;charset=UTF-8","application/x-www-form-urlencoded;charset=UTF-8","a/b",null,null,true,"x/y"]"#,
    ),
    (
        "a form survives the way through a body",
        "const f = new FormData(); f.append('a', 'x\\r\\ny'); f.append('b\"', new File(['data'], 'n\\u00e9\".txt', { type: 'text/css' })); const g = await new Response(f).formData(); const file = g.get('b\"'); return [g.get('a'), file.name, file.type, await file.text()];",
        r#"["x\r\ny","né\".txt","text/css","data"]"#,
    ),
    (
        "a byte order mark is part of a form",
        "const f = await new Response('\\ufeffa=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData(); return [...f.keys()][0].length;",
        "2",
    ),
    (
        "forms that are none",
        "const read = (body, type) => failure(() => new Response(body, { headers: { 'content-type': type } }).formData()); return [await read('a=b', 'text/plain'), await read('x', 'multipart/form-data'), await read('x', 'multipart/form-data; boundary=y'), await read('a=b', 'application/x-www-form-urlencoded')];",
        r#"["TypeError","TypeError","TypeError","nothing"]"#,
    ),
    (
        "streams of what is no byte",
        "return failure(() => new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } })).text());",
        r#""TypeError""#,
    ),
    (
        "streams that fail",
        "return failure(() => new Response(new ReadableStream({ pull() { throw new RangeError(); } })).text());",
        r#""RangeError""#,
    ),
    (
        "a locked or used stream is no body",
        "const s = new ReadableStream(); s.getReader(); const t = new Blob(['a']).stream(); await t.cancel(); return [await failure(() => new Response(s)), await failure(() => new Response(t))];",
        r#"["TypeError","TypeError"]"#,
    ),
    (
        "a request with a body must not be GET or HEAD",
        "return [await failure(() => new Request('http://a/', { body: 'x' })), await failure(() => new Request('http://a/', { method: 'HEAD', body: 'x' }))];",
        r#"["TypeError","TypeError"]"#,
    ),
];

fn incoming() {
    // How the handler reads it, and what the chunks are read as.
    let readers = [
        "await request.text()",
        "new TextDecoder().decode(await request.arrayBuffer())",
        "await (await request.blob()).text()",
        "await request.clone().text()",
        "(await Promise.all([request.clone().text(), request.text()]))[0]",
        "(await Promise.all([request.clone().text(), request.text()]))[1]",
        "await new Response(request.body).text()",
        "await new Request(request).text()",
        "await new Request('http://b/', request).text()",
        "await (async () => { let all = ''; for await (const t of request.body.pipeThrough(new TextDecoderStream())) all += t; return all; })()",
        "await (async () => { const r = request.body.getReader({ mode: 'byob' }); let all = ''; for (;;) { const { value, done } = await r.read(new Uint8Array(2)); if (done) return all; all += new TextDecoder().decode(value); } })()",
    ];
    for reader in readers {
        let source = format!(
            "export default {{ async fetch(request) {{ return new Response({reader}); }} }};"
        );
        // All at once, before and after the handler began to wait.
        for wait in [false, true] {
            with_tenant(&source, move |tenant| {
                let stream = tenant.request("POST", "http://a/", Incoming::Follows);
                for part in [&b"one "[..], b"two ", b"three"] {
                    if wait {
                        tenant.run();
                    }
                    tenant.chunk(stream, part);
                }
                tenant.end(stream);
                let said = tenant.said();
                let body = said.iter().find_map(|said| match said {
                    Said::Response { body: Body::Whole(text), .. } => Some(text.as_str()),
                    _ => None,
                });
                assert_eq!(body, Some("one two three"), "{said:?}");
                assert_eq!(said.last(), Some(&Said::Done { stream }));
            });
        }
        with_tenant(&source, |tenant| {
            tenant.request("POST", "http://a/", Incoming::Whole(b"whole"));
            tenant.run();
            let said = tenant.said();
            let whole = Body::Whole("whole".to_owned());
            assert!(matches!(&said[0], Said::Response { body, .. } if *body == whole), "{said:?}");
        });
    }
}

fn broken() {
    let readers = [
        "request.text()",
        "request.clone().text()",
        "request.body.getReader().read()",
        "request.body.pipeTo(new WritableStream())",
        "new Response(request.body).blob()",
    ];
    for reader in readers {
        let source = format!(
            "export default {{ async fetch(request) {{
                try {{ await {reader}; }} catch (error) {{ return new Response(error.name + ' ' + error.message); }}
            }} }};"
        );
        with_tenant(&source, |tenant| {
            let stream = tenant.request("POST", "http://a/", Incoming::Follows);
            tenant.error(stream, "the client went");
            let said = tenant.said();
            let told =
                Body::Whole("TypeError The body could not be read: the client went".to_owned());
            assert!(matches!(&said[0], Said::Response { body, .. } if *body == told), "{said:?}");
        });
    }
}

fn looked_at() {
    let readers = [
        "const reading = request.text(); request.body; return new Response(await reading);",
        "const copy = new Request(request); request.body; return new Response(await copy.text());",
        "const reading = request.text(), { body } = request; await body.cancel(); return new Response(await reading);",
    ];
    for reader in readers {
        let source = format!("export default {{ async fetch(request) {{ {reader} }} }};");
        with_tenant(&source, |tenant| {
            let stream = tenant.request("POST", "http://a/", Incoming::Follows);
            tenant.chunk(stream, b"one ");
            tenant.chunk(stream, b"two");
            tenant.end(stream);
            assert_eq!(tenant.answered(), "one two");
        });
    }
    check_rows(&[(
        "a body that was read has a stream that was read",
        "const r = new Response('x'); await r.text(); const { body } = r; return [body === r.body, r.bodyUsed, await failure(() => new Response(body)), (await body.getReader().read()).done];",
        r#"[true,true,"TypeError",true]"#,
    )]);
}
