//! What takes a shorter way because it is short, plain or common gives the same as what does not.

use super::support::check_rows;

pub const TESTS: &[(&str, fn())] = &[
    ("text_of_every_length_survives_utf8", text_of_every_length_survives_utf8),
    ("base64_takes_what_fits_a_byte", base64_takes_what_fits_a_byte),
    ("queries_mean_the_same_either_way", queries_mean_the_same_either_way),
    ("header_names_are_judged_either_way", header_names_are_judged_either_way),
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
    ]);
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
