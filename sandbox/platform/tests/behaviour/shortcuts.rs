//! What takes a shorter way because it is short, plain or common gives the same as what does not.

use super::support::check_rows;

pub const TESTS: &[(&str, fn())] = &[
    ("text_of_every_length_survives_utf8", text_of_every_length_survives_utf8),
    ("base64_takes_what_fits_a_byte", base64_takes_what_fits_a_byte),
    ("queries_mean_the_same_either_way", queries_mean_the_same_either_way),
    ("header_names_are_judged_either_way", header_names_are_judged_either_way),
    ("many_pairs_are_sorted_as_few_are", many_pairs_are_sorted_as_few_are),
    ("urls_have_no_lone_surrogates", urls_have_no_lone_surrogates),
    ("a_body_that_is_here_is_read_like_any_other", a_body_that_is_here_is_read_like_any_other),
    (
        "an_event_knows_its_target_while_it_is_dispatched",
        an_event_knows_its_target_while_it_is_dispatched,
    ),
    ("uuids_differ", uuids_differ),
];

fn text_of_every_length_survives_utf8() {
    check_rows(&[
        (
            "lengths around every border",
            "const wrong = [];
            for (const unit of ['a', 'é', '€', '🎉', 'aé€🎉']) {
                for (const n of [0, 1, 15, 16, 63, 64, 65, 255, 256, 257, 340, 341, 342, 1024, 5000]) {
                    const text = unit.repeat(n);
                    const bytes = new TextEncoder().encode(text);
                    const same = new TextDecoder().decode(bytes) === text && bytes.buffer.byteLength === bytes.length
                        && new TextDecoder().decode(bytes.buffer) === text
                        && new TextDecoder().decode(new Uint8Array(bytes.buffer, 0, bytes.length)) === text
                        && decodeURIComponent(Array.from(bytes, (b) => '%' + b.toString(16).padStart(2, '0')).join('')) === text;
                    if (!same) wrong.push([unit, n]);
                }
            }
            return wrong;",
            "[]",
        ),
        (
            "what holds bytes, and what does not",
            "const bytes = new TextEncoder().encode('-größe-');
            const decode = (input) => new TextDecoder().decode(input);
            const given = [bytes.buffer, new DataView(bytes.buffer, 1, 7), new Uint16Array(bytes.buffer.slice(0, 8)), undefined];
            const refused = [];
            for (const input of [null, 5, 'a', {}, [1]]) refused.push(await failure(() => decode(input)));
            const gone = bytes.buffer.slice(0);
            gone.transfer();
            return [given.map(decode), decode(gone), new Set(refused).size, refused[0], await failure(() => new TextDecoder().decode(bytes, 5))];",
            "[[\"-größe-\",\"größe\",\"-größe\",\"\"],\"\",1,\"TypeError\",\"TypeError\"]",
        ),
        (
            "byte order marks",
            "const bom = '\\ufeff';
            return [10, 2000].map((n) => {
                const bytes = new TextEncoder().encode(bom + 'x'.repeat(n));
                return [bytes.length, new TextDecoder().decode(bytes).length,
                    new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).length];
            });",
            "[[13,10,11],[2003,2000,2001]]",
        ),
        (
            "what is malformed",
            "const decode = (n, ...bytes) => new TextDecoder().decode(new Uint8Array([...Array(n).fill(97), ...bytes])).slice(n);
            return [10, 2000].map((n) => [decode(n, 0xff), decode(n, 0xe2, 0x82), decode(n, 0xc3, 0x28),
                new TextEncoder().encode('a'.repeat(n) + '\\ud800').length - n]);",
            "[[\"\u{fffd}\",\"\u{fffd}\",\"\u{fffd}(\",3],[\"\u{fffd}\",\"\u{fffd}\",\"\u{fffd}(\",3]]",
        ),
    ]);
}

fn base64_takes_what_fits_a_byte() {
    check_rows(&[
        (
            "either representation",
            "const narrow = '\\xff\\0abc';
            const wide = ('\\u1234' + narrow).slice(1);
            return [btoa(narrow), btoa(wide), atob(('\\u1234' + btoa(narrow)).slice(1)) === narrow, atob(' Y Q\\n=\\t=')];",
            r#"["/wBhYmM=","/wBhYmM=",true,"a"]"#,
        ),
        (
            "anything else",
            "return [await failure(() => btoa('\\u0100')), await failure(() => atob('\\u0100')),
                await failure(() => atob('YQ=')), await failure(() => atob('a\\xe9==')), await failure(() => atob('Y=Q='))];",
            r#"["InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError","InvalidCharacterError"]"#,
        ),
    ]);
}

fn queries_mean_the_same_either_way() {
    check_rows(&[
        (
            "parsed",
            "const plain = ['', '&', '&&a', 'a', 'a=', '=a', '=', 'a=b=c', 'a&b=c', 'a=b&&c', '?a=b', '??a', 'ä=€&🎉', 'a=1&a=2&', '\\ud800=x'];
            const pairs = (query) => [...new URLSearchParams(query)];
            // The last pair, which is taken away again, makes the other parser read it.
            return plain.filter((query) => JSON.stringify(pairs(query)) !== JSON.stringify(pairs(query + '&%20=x').slice(0, -1)));",
            "[]",
        ),
        (
            "written",
            "const lists = [[['a', 'b']], [['', '']], [['a', ''], ['', 'b']], [['a-b_c.d*e', '09AZ']], []];
            const text = (list) => new URLSearchParams(list).toString();
            const differing = lists.filter((list) => text([...list, ['ä', ' ']]) !== (list.length ? text(list) + '&' : '') + '%C3%A4=+');
            return [differing, text([['a', '~!\\'()']])];",
            "[[],\"a=%7E%21%27%28%29\"]",
        ),
        (
            "of every length",
            "const wrong = [];
            for (const pairs of [1, 2, 31, 32, 33, 63, 64, 65, 200]) {
                for (const length of [1, 128, 129, 70_000]) {
                    if (pairs * length > 200_000) continue;
                    const list = Array.from({ length: pairs }, (_, i) => [`n ${i}`, 'ä~&'.repeat(length).slice(0, length)]);
                    const text = new URLSearchParams(list).toString();
                    const expected = list.map((pair) => pair.map((part) => encodeURIComponent(part).replaceAll('%20', '+').replaceAll('~', '%7E')).join('=')).join('&');
                    if (text !== expected || JSON.stringify([...new URLSearchParams(text)]) !== JSON.stringify(list)) wrong.push([pairs, length]);
                }
            }
            return wrong;",
            "[]",
        ),
    ]);
}

fn many_pairs_are_sorted_as_few_are() {
    check_rows(&[
        (
            "queries",
            "const wrong = [];
            for (const n of [0, 1, 2, 15, 16, 17, 40]) {
                const list = Array.from({ length: n }, (_, i) => [['b', 'a', 'c', '\\uffff', '🎉'][(i * 3) % 5], `${i}`]);
                const params = new URLSearchParams(list);
                params.sort();
                const expected = list.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
                if (JSON.stringify([...params]) !== JSON.stringify(expected)) wrong.push(n);
            }
            return wrong;",
            "[]",
        ),
        (
            "headers",
            "return [3, 40].map((n) => {
                const headers = new Headers();
                for (let i = n; i > 0; i--) {
                    headers.append(`x-${i % 7}`, `${i}`);
                    headers.append('set-cookie', `c${i}`);
                }
                const names = [...headers.keys()];
                const sorted = names.every((name, i) => i === 0 || names[i - 1] <= name);
                return [sorted, headers.getSetCookie().length, new Set(names).size, headers.get('x-3')];
            });",
            r#"[[true,3,4,"3"],[true,40,8,"38, 31, 24, 17, 10, 3"]]"#,
        ),
    ]);
}

fn urls_have_no_lone_surrogates() {
    check_rows(&[(
        "wherever they come from",
        "const url = new URL('http://a/\\ud800', 'http://b/\\udc00');
        const hrefs = [url.href, new URL('\\ud800', 'http://b/\\ud800/').href, URL.parse('x:\\udc00').href, URL.canParse('http://a/\\ud800')];
        url.search = '?\\ud800';
        url.hash = '\\ud800';
        let message;
        try { new URL('\\ud800'); } catch (error) { message = error.message; }
        return [hrefs, url.href, url.searchParams.has('\\ufffd'), message.isWellFormed()];",
        r#"[["http://a/%EF%BF%BD","http://b/%EF%BF%BD/%EF%BF%BD","x:%EF%BF%BD",true],"http://a/%EF%BF%BD?%EF%BF%BD#%EF%BF%BD",true,true]"#,
    )]);
}

fn a_body_that_is_here_is_read_like_any_other() {
    check_rows(&[
        (
            "text, bytes and a stream of them",
            "const text = '\\ufeff{\"a\":\"ä\"}';
            const bytes = new TextEncoder().encode(text);
            const stream = () => new ReadableStream({ start(c) { c.enqueue(bytes.slice()); c.close(); } });
            const sources = [() => text, () => bytes, () => new Blob([text]), stream];
            const seen = new Set();
            for (const source of sources) {
                const read = async (method) => {
                    const response = new Response(source());
                    const promise = response[method]();
                    const used = response.bodyUsed;
                    return [used, await promise, await failure(() => response[method]())];
                };
                const [, buffer] = await read('arrayBuffer');
                const [, own] = await read('bytes');
                const [, blob] = await read('blob');
                own[0] = 0;
                seen.add(JSON.stringify([await read('text'), await read('json'), buffer.byteLength, own.length, blob.size, (await read('bytes'))[1][0]]));
            }
            return [...seen];",
            r#"["[[true,\"{\\\"a\\\":\\\"ä\\\"}\",\"TypeError\"],[true,{\"a\":\"ä\"},\"TypeError\"],13,13,13,239]"]"#,
        ),
        (
            "what cannot be read",
            "const failures = [];
            for (const make of [() => new Response('{'), () => new Response(new Uint8Array(1)), () => new Response()]) failures.push(await failure(() => make().json()));
            failures.push(await failure(() => new Response('a').formData()));
            // The promise is rejected, nothing is thrown.
            let thrown = false;
            try { new Response('{').json().catch(() => {}); Response.prototype.json.call({}).catch(() => {}); } catch { thrown = true; }
            return [failures, thrown, await new Response().text(), (await new Response().bytes()).length];",
            r#"[["SyntaxError","SyntaxError","SyntaxError","TypeError"],false,"",0]"#,
        ),
    ]);
}

fn an_event_knows_its_target_while_it_is_dispatched() {
    check_rows(&[(
        "and what was done to it",
        "const target = new EventTarget();
        const state = (event) => [event.target === target, event.currentTarget === target, event.eventPhase, event.composedPath().length, event.defaultPrevented, event.cancelBubble, event.bubbles, event.composed];
        const seen = [];
        target.addEventListener('a', (event) => { event.preventDefault(); seen.push(state(event)); }, { passive: true });
        target.addEventListener('a', (event) => { event.preventDefault(); event.stopPropagation(); seen.push(state(event)); });
        target.addEventListener('a', (event) => { event.stopImmediatePropagation(); seen.push(await_failure(() => target.dispatchEvent(event))); });
        target.addEventListener('a', () => seen.push('never'));
        const await_failure = (call) => { try { return call(); } catch (error) { return error.name; } };
        const event = new Event('a', { cancelable: true, composed: true });
        seen.push(state(event), target.dispatchEvent(event), state(event));
        event.initEvent('b', true, false);
        seen.push(state(event), target.dispatchEvent(event), event.returnValue);
        return seen;",
        r#"[[true,true,2,1,false,false,false,true],[true,true,2,1,true,true,false,true],"InvalidStateError",[false,false,0,0,false,false,false,true],false,[true,false,0,0,true,false,false,true],[false,false,0,0,false,false,true,true],true,true]"#,
    )]);
}

fn header_names_are_judged_either_way() {
    check_rows(&[(
        "names",
        "const headers = new Headers({ 'Content-Type': 'a', 'X-Own': 'b', vary: 'c', constructor: 'd', __proto__: null });
        headers.append('VARY', 'e');
        const bad = [];
        for (const name of ['', 'a b', 'ä', 'vary ', 'a\\n', '__proto__:']) bad.push(await failure(() => headers.get(name)));
        return [[...headers], headers.get('__proto__'), new Set(bad).size, bad[0]];",
        r#"[[["constructor","d"],["content-type","a"],["vary","c, e"],["x-own","b"]],null,1,"TypeError"]"#,
    ),
    (
        "values",
        "const through = async (value) => {
            const ways = [() => new Headers({ a: value }), () => new Headers([['a', value]]), () => { const h = new Headers(); h.append('a', value); return h; }, () => { const h = new Headers(); h.set('a', value); return h; }];
            const results = [];
            for (const way of ways) { const name = await failure(way); results.push(name === 'nothing' ? way().get('a') : name); }
            return new Set(results).size === 1 ? results[0] : results;
        };
        return Promise.all(['', 'a', ' ', ' a', 'a ', '\\ta b\\r\\n', 'a\\tb', 'é', '\\u0100', ' \\u0100', 'a\\nb', 'a\\rb', 'a\\0b', '\\0', 5, null].map(through));",
        r#"["","a","","a","a","a b","a\tb","é","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","5","null"]"#,
    )]);
}

fn uuids_differ() {
    check_rows(&[(
        "more than are made at once",
        "const ids = Array.from({ length: 1000 }, () => crypto.randomUUID());
        const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
        return [new Set(ids).size, ids.filter((id) => !form.test(id))];",
        "[1000,[]]",
    )]);
}
