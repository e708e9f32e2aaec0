//! What a tenant's code does while the platform converts its arguments, and in which order it converts.

use super::support::check_rows;

pub const TESTS: &[(&str, fn())] = &[
    ("queries_follow_when_they_are_read", queries_follow),
    ("arguments_may_change_their_receiver", arguments_may_change_their_receiver),
    ("members_are_read_once_and_in_order", members_are_read_in_order),
    ("what_conversion_runs_does_not_leak", what_conversion_runs_does_not_leak),
    ("records_have_each_key_once", records_have_each_key_once),
    ("copies_keep_what_they_should", copies_keep_what_they_should),
];

fn queries_follow() {
    check_rows(&[
        (
            "every part that is read",
            "const u = new URL('http://u:p@a:8/p?x=1#h'), { searchParams } = u;
            const seen = [];
            const parts = [(u) => u.href, (u) => `${u}`, (u) => JSON.stringify(u), (u) => u.search, (u) => u.hash, (u) => u.pathname, (u) => u.host, (u) => u.origin];
            for (const [i, part] of parts.entries()) { searchParams.append('k', i); seen.push(part(u)); }
            searchParams.delete('k');
            return [...seen, u.href];",
            r##"["http://u:p@a:8/p?x=1&k=0#h","http://u:p@a:8/p?x=1&k=0&k=1#h","\"http://u:p@a:8/p?x=1&k=0&k=1&k=2#h\"","?x=1&k=0&k=1&k=2&k=3","#h","/p","a:8","http://a:8","http://u:p@a:8/p?x=1#h"]"##,
        ),
        (
            "setters between",
            "const u = new URL('http://a/p'), { searchParams } = u;
            searchParams.append('a', 'ä b'); u.hash = 'h'; searchParams.set('c', '&'); u.pathname = '/q'; u.port = '9';
            const first = u.href;
            searchParams.append('gone', '1'); u.search = '?new'; searchParams.append('z', '');
            const second = u.href;
            searchParams.append('kept', '1'); const refused = await failure(() => { u.href = ':'; });
            const third = u.href;
            searchParams.append('gone', '1'); u.href = 'http://b/?y';
            return [first, second, refused, third, u.href, `${searchParams}`];",
            r##"["http://a:9/q?a=%C3%A4+b&c=%26#h","http://a:9/q?new=&z=#h","TypeError","http://a:9/q?new=&z=&kept=1#h","http://b/?y","y="]"##,
        ),
        (
            "an opaque path",
            "const path = (look) => { const u = new URL('data:x  ?a=1'); u.searchParams.delete('a'); look(u); return u.pathname; };
            return path(() => {}) === path((u) => u.href);",
            "true",
        ),
        (
            "what was handed on",
            "const u = new URL('http://a/'); u.searchParams.append('a', 'b');
            const request = new Request(u); u.searchParams.append('c', 'd');
            return [request.url, new URL(u).href, URL.canParse(u), new URL('?x', u).href];",
            r#"["http://a/?a=b","http://a/?a=b&c=d",true,"http://a/?x"]"#,
        ),
    ]);
}

fn arguments_may_change_their_receiver() {
    check_rows(&[
        (
            "the query of a URL",
            "const result = [];
            for (const [method, ...rest] of [['append', 'v'], ['set', 'v'], ['has'], ['get'], ['getAll'], ['delete']]) {
                const u = new URL('http://a/?x=1');
                const name = { toString() { u.search = '?y=2&k=3'; return 'k'; } };
                result.push([u.searchParams[method](name, ...rest), u.search]);
            }
            return result;",
            r#"[[null,"?y=2&k=3&k=v"],[null,"?y=2&k=v"],[true,"?y=2&k=3"],["3","?y=2&k=3"],[["3"],"?y=2&k=3"],[null,"?y=2"]]"#,
        ),
        (
            "entries of a form",
            "const form = new FormData();
            for (const name of ['a', 'b', 'a', 'c', 'a']) form.append(name, name + [...form].length);
            const copy = new FormData();
            for (const [name, value] of form) copy.append(name, value);
            copy.set('a', 'new'); form.delete('a');
            const iterated = [];
            for (const [name] of copy) { iterated.push(name); copy.delete(name); }
            return [[...form], iterated, [...copy]];",
            r#"[[["b","b1"],["c","c3"]],["a","c"],[["b","b1"]]]"#,
        ),
    ]);
}

/// What is read, in which order: in which order each value is an object whose conversion to a string is noted, too.
const NOTED: &str = "
    const notes = [];
    const noted = (values) => {
        const object = {};
        for (const key of Object.keys(values).sort().reverse()) {
            const given = values[key];
            const value = typeof given === 'string' ? { toString() { notes.push(`=${key}`); return given; } } : given;
            Object.defineProperty(object, key, { enumerable: true, get() { notes.push(key); return value; } });
        }
        return object;
    };";

fn members_are_read_in_order() {
    let request = format!(
        "{NOTED}
        const input = {{ toString() {{ notes.push('input'); return 'http://a/'; }} }};
        const headers = {{ get b() {{ notes.push('b'); return ''; }} }};
        const values = {{ body: 'b', cache: 'no-store', credentials: 'omit', duplex: 'half', headers, integrity: '', keepalive: 0, method: 'POST', mode: 'cors', priority: 'low', redirect: 'error', referrer: '', referrerPolicy: 'origin', signal: null, window: null }};
        const request = new Request(input, noted(values));
        return [notes.join(' '), request.cache, request.credentials, request.mode, request.redirect, request.referrer, request.referrerPolicy, await request.text()];"
    );
    let response = format!(
        "{NOTED}
        const body = {{ toString() {{ notes.push('body'); return 'x'; }} }};
        const response = new Response(body, noted({{ status: '201', statusText: 'S', headers: {{ get a() {{ notes.push('a'); return 'b'; }} }} }}));
        const data = {{ toJSON() {{ notes.push('data'); return 1; }} }};
        Response.json(data, noted({{ status: '202' }}));
        return [notes.join(' '), response.status, response.statusText, response.headers.get('a')];"
    );
    let events = format!(
        "{NOTED}
        const result = [];
        for (const [Class, more] of [[Event], [CustomEvent, {{ detail: 1 }}], [ErrorEvent, {{ message: 'm' }}], [MessageEvent, {{ data: 1 }}], [CloseEvent, {{ code: 1 }}], [ProgressEvent, {{ total: 1 }}], [PromiseRejectionEvent, {{ promise: Promise.resolve() }}]]) {{
            notes.length = 0;
            const event = new Class({{ toString() {{ notes.push('type'); return 't'; }} }}, noted({{ bubbles: true, ...more }}));
            result.push(notes.join(' '), event.bubbles, event.type);
        }}
        return result.join();"
    );
    check_rows(&[
        (
            "a request's",
            &request,
            r#"["input body =body cache =cache credentials =credentials duplex =duplex headers b integrity =integrity keepalive method =method mode =mode priority =priority redirect =redirect referrer =referrer referrerPolicy =referrerPolicy signal window","no-store","omit","cors","error","","origin","b"]"#,
        ),
        (
            "a response's",
            &response,
            r#"["body headers a status =status statusText =statusText status =status data",201,"S","b"]"#,
        ),
        (
            "an event's",
            &events,
            r#""type bubbles,true,t,type bubbles detail,true,t,type bubbles message =message,true,t,type bubbles data,true,t,type bubbles code,true,t,type bubbles total,true,t,type bubbles promise,true,t""#,
        ),
    ]);
}

fn what_conversion_runs_does_not_leak() {
    check_rows(&[
        (
            "the type of another body",
            "const body = { toString() { new Response(new URLSearchParams('a')); return 'x'; } };
            return [new Response(body).headers.get('content-type'), new Request('http://a/', { method: 'POST', body }).headers.get('content-type')];",
            r#"["text/plain;charset=UTF-8","text/plain;charset=UTF-8"]"#,
        ),
        (
            "headers that change",
            "const headers = new Headers({ a: '1' });
            const status = { valueOf() { headers.set('a', '2'); return 200; } };
            return new Response('', { headers, status }).headers.get('a');",
            r#""1""#,
        ),
    ]);
}

fn records_have_each_key_once() {
    check_rows(&[(
        "keys that become the same",
        "const pairs = (record) => [...new URLSearchParams(record)];
        return [pairs({ '\\uD800': 1, '\\uFFFD': 2, b: 3 }), pairs({ '\\uFFFD': 1, a: 2, '\\uDC00': 3, '\\uD800': 4, c: 5 })];",
        "[[[\"\u{fffd}\",\"2\"],[\"b\",\"3\"]],[[\"\u{fffd}\",\"4\"],[\"a\",\"2\"],[\"c\",\"5\"]]]",
    )]);
}

fn copies_keep_what_they_should() {
    check_rows(&[
        (
            "clones of responses whose headers do not change",
            "const copies = [Response.error().clone(), Response.redirect('http://a/').clone(), new Response('').clone()];
            return Promise.all(copies.map((copy) => failure(() => copy.headers.set('a', 'b'))));",
            r#"["TypeError","TypeError","nothing"]"#,
        ),
        (
            "the referrer policy of a request",
            "const first = new Request('http://a/', { referrerPolicy: 'origin', referrer: '', cache: 'no-store' });
            const copies = [new Request(first), new Request(first, {}), new Request(first, { method: 'POST' }), first.clone()];
            return copies.map((copy) => [copy.referrerPolicy, copy.referrer, copy.cache].join());",
            r#"["origin,,no-store","origin,,no-store",",about:client,no-store","origin,,no-store"]"#,
        ),
    ]);
}
