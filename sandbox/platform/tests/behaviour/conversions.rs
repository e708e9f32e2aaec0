//! What a tenant's code does while the platform converts its arguments, and in which order it converts.

use super::support::check_rows;

pub const TESTS: &[(&str, fn())] = &[
    ("queries_follow_when_they_are_read", queries_follow),
    ("arguments_may_change_their_receiver", arguments_may_change_their_receiver),
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
