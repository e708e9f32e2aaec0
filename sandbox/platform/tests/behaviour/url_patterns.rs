//! URL patterns: what they are, what they match, what they take apart.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] = &[
    ("texts_become_components", || check_rows(TEXTS)),
    ("bases_fill_in_what_a_pattern_leaves_out", || check_rows(BASES)),
    ("matches_tell_their_groups", || check_rows(MATCHES)),
    ("components_are_written_in_one_way", || check_rows(CANONICAL)),
    ("what_is_no_pattern_is_refused", || check_rows(REFUSED)),
    ("the_interface_is_as_specified", || check_rows(INTERFACE)),
];

const TEXTS: &[Row<'_>] = &[
    (
        "every part",
        "const p = new URLPattern('https://me\\\\:pw@*.example.com:8080/a/:b\\\\?c=*#d'); return [p.protocol, p.username, p.password, p.hostname, p.port, p.pathname, p.search, p.hash];",
        r#"["https","me","pw","*.example.com","8080","/a/:b","c=*","d"]"#,
    ),
    (
        "no port, path or search",
        "const p = new URLPattern('https://example.com'), q = new URLPattern('https://example.com/#h'); return [p.port, p.pathname, p.search, p.hash, q.pathname, q.search, q.hash];",
        r#"["","*","*","*","/","","h"]"#,
    ),
    (
        "a question mark that makes optional, and one that begins the search",
        "const p = new URLPattern('https://a.b/c/:d?'), q = new URLPattern('https://a.b/c/:d\\\\?e'), r = new URLPattern('https://a.b/c?d'); return [p.pathname, p.search, q.pathname, q.search, r.pathname, r.search];",
        r#"["/c/:d?","*","/c/:d","e","/c","d"]"#,
    ),
    (
        "protocols with and without slashes",
        "return ['data\\\\:text/*', 'http{s}?://a.b/', 'x\\\\:y'].map((t) => { const p = new URLPattern(t); return [p.protocol, p.hostname, p.pathname]; });",
        r#"[["data","","text/*"],["http{s}?","a.b","/"],["x","","y"]]"#,
    ),
    (
        "an address of version 6, a default port, a group that is not taken apart, a colon that begins a name",
        "const p = new URLPattern('http://[\\\\:\\\\:1]:80/{x\\\\?y#z}?'), q = new URLPattern('data:text', 'https://a.b'); return [p.hostname, p.port, p.pathname, q.pathname];",
        r#"["[\\:\\:1]","","/{x%3Fy%23z}?","/data:text"]"#,
    ),
];

const BASES: &[Row<'_>] = &[
    (
        "as a text",
        "const p = new URLPattern('b/:c', 'https://u:p@a.example:81/x/y?z#w'); return [p.protocol, p.username, p.hostname, p.port, p.pathname, p.search, p.hash];",
        r#"["https","*","a.example","81","/x/b/:c","*","*"]"#,
    ),
    (
        "as a member, and what is special in it is escaped",
        "const p = new URLPattern({ search: 'q', baseURL: 'https://a.example/x*y?z' }); return [p.pathname, p.search, p.hash];",
        r#"["/x\\*y","q","*"]"#,
    ),
    (
        "of what is matched",
        "const p = new URLPattern({ pathname: '/x/:y' }); return [p.test('z', 'https://a.b/x/'), p.test({ pathname: 'z', baseURL: 'https://a.b/x/' }), p.test('z'), p.test('z', 'no base'), p.test({ pathname: 'z', baseURL: 'no base' })];",
        "[true,true,false,false,false]",
    ),
];

const MATCHES: &[Row<'_>] = &[
    (
        "names and numbers",
        "const p = new URLPattern('https://*.example.com/:kind/(\\\\d+)/*'); const m = p.exec('https://a.b.example.com/books/42/x/y?z'); return [m.hostname, m.pathname, m.search, m.inputs];",
        r#"[{"groups":{"0":"a.b"},"input":"a.b.example.com"},{"groups":{"0":"42","1":"x/y","kind":"books"},"input":"/books/42/x/y"},{"groups":{"0":"z"},"input":"z"},["https://a.b.example.com/books/42/x/y?z"]]"#,
    ),
    (
        "a group that took no part is there, undefined",
        "const { groups } = new URLPattern({ pathname: '/a/:b?' }).exec('https://x.y/a').pathname; return ['b' in groups, groups.b === undefined];",
        "[true,true]",
    ),
    (
        "one and more, none and more, with braces",
        "const t = (pattern, path) => new URLPattern({ pathname: pattern }).exec('https://x.y' + path)?.pathname.groups; return [t('/:a+', '/b/c'), t('/:a+', '/'), t('/x/:a*', '/x') && 1, t('/x{-:a.z}*', '/x-1.z-2.z'), t('/x{yz}+', '/xyzyz')];",
        r#"[{"a":"b/c"},null,1,{"a":"1.z-2"},{}]"#,
    ),
    (
        "letters' case counts, unless told otherwise, and never for hosts",
        "const c = { pathname: '/A', search: 'B', hash: 'C' }, url = 'https://X.y/a?b#c'; return [new URLPattern(c).test(url), new URLPattern(c, { ignoreCase: true }).test(url), new URLPattern('https://x.y/A', { ignoreCase: true }).test(url), new URLPattern('/A', 'https://x.y', { ignoreCase: true }).test('https://x.y/a')];",
        "[false,true,true,true]",
    ),
    (
        "set notation and names in other scripts",
        "const p = new URLPattern({ pathname: '/:größe([[a-z]--[b]])' }); return [p.exec('https://x.y/a').pathname.groups, p.test('https://x.y/b'), p.hasRegExpGroups, new URLPattern({ pathname: '/:a/*' }).hasRegExpGroups];",
        r#"[{"größe":"a"},false,true,false]"#,
    ),
    (
        "a group whose name is a property of objects",
        "const { groups } = new URLPattern({ pathname: '/:__proto__/:constructor' }).exec('https://x.y/a/b').pathname; return [Object.getPrototypeOf(groups) === Object.prototype, Object.keys(groups), Object.getOwnPropertyDescriptor(groups, '__proto__').value];",
        r#"[true,["__proto__","constructor"],"a"]"#,
    ),
];

const CANONICAL: &[Row<'_>] = &[
    (
        "as in URLs",
        "const p = new URLPattern({ hostname: 'ＥXample.com', pathname: '/ä/../b c', search: \"?'q\", hash: '#ü', port: '0080' }); return [p.hostname, p.pathname, p.search, p.hash, p.port];",
        r##"["example.com","/b%20c","%27q","%C3%BC","80"]"##,
    ),
    (
        "opaque paths stay as they are",
        "return [new URLPattern({ protocol: 'x', pathname: '/a/../b' }).pathname, new URLPattern({ protocol: 'http', pathname: '/a/../b' }).pathname, new URLPattern({ pathname: '/a/../b' }).pathname];",
        r#"["/a/../b","/b","/b"]"#,
    ),
    (
        "braces that change nothing go, those that do stay",
        "return ['/{a}b', '/:a{b}', '/{:a}b', '/a{/:b}?', '/:a(.*)', '/:a([^\\\\/]+?)', '/(.*)', '/:a\\\\:b'].map((pathname) => new URLPattern({ pathname }).pathname);",
        r#"["/ab","{/:a}b","/{:a}b","/a/:b?","/:a(.*)","/:a","/*","/:a\\:b"]"#,
    ),
    (
        "a pattern's parts make the same pattern again",
        "const p = new URLPattern('https://{:sub.}?a.b/:x(\\\\d)?/*.{jpg}?\\\\?q=:q'); const q = new URLPattern({ protocol: p.protocol, hostname: p.hostname, port: p.port, pathname: p.pathname, search: p.search }); return p.hostname === q.hostname && p.pathname === q.pathname && p.search === q.search;",
        "true",
    ),
];

const REFUSED: &[Row<'_>] = &[(
    "syntax, names that occur twice, hosts and ports that cannot be, bases",
    r"
    const wrong = [['/x'], ['https://a.b/(('], [{ pathname: '/(a' }], [{ pathname: '/:a/:a' }], [{ pathname: '/{a' }], [{ pathname: '/a}' }], [{ pathname: '/(?:a)' }],
        [{ pathname: '/(a(b))' }], [{ pathname: '/(\ud83d\ude00)' }], [{ pathname: '/([)' }], [{ pathname: '/:' }], [{ pathname: '\\' }], [{ hostname: 'a b' }], [{ hostname: '[x]' }],
        [{ port: 'x' }], [{ port: '99999' }], [{ protocol: '9' }], [{ baseURL: 'x' }], ['x', 'y'], [{}, 'https://a.b'], ['https://a.b', undefined, {}], [1], [Symbol()]];
    const results = {};
    for (const given of wrong) { const result = await failure(() => new URLPattern(...given)); (results[result] ??= []).push(given); }
    return [Object.keys(results), results.nothing, await failure(() => new URLPattern().test({}, 'https://a.b')), await failure(() => new URLPattern().exec({}, 'https://a.b'))];",
    r#"[["TypeError"],null,"TypeError","TypeError"]"#,
)];

const INTERFACE: &[Row<'_>] = &[
    (
        "names, members, lengths",
        "const p = URLPattern.prototype; return [String(new URLPattern()), URLPattern.length, p.test.length, p.exec.length, Object.keys(p).sort(), await failure(() => URLPattern()), await failure(() => p.hostname)];",
        r#"["[object URLPattern]",0,0,0,["exec","hasRegExpGroups","hash","hostname","password","pathname","port","protocol","search","test","username"],"TypeError","TypeError"]"#,
    ),
    (
        "results list their members in the alphabet's order, and the inputs as they were converted",
        "const m = new URLPattern().exec({ pathname: 1, other: 2, baseURL: 'https://a.b' }); return [Object.keys(m), m.inputs, Object.keys(m.hash)];",
        r#"[["hash","hostname","inputs","password","pathname","port","protocol","search","username"],[{"baseURL":"https://a.b","pathname":"1"}],["groups","input"]]"#,
    ),
    (
        "options in the second place or the third, and what has the wrong type there",
        "return [new URLPattern('https://a.b/C', null).test('https://a.b/c'), await failure(() => new URLPattern('https://a.b', {}, {})), await failure(() => new URLPattern('/a', 'https://a.b', 1))];",
        r#"[false,"TypeError","TypeError"]"#,
    ),
];
