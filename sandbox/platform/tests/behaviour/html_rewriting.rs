//! `HTMLRewriter`: what handlers see, what they change, and that the document waits for them.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] = &[
    ("elements_are_changed", || check(ELEMENTS)),
    ("text_comments_and_the_document_are_changed", || check(OTHERS)),
    ("the_document_waits_for_handlers", || check(WAITING)),
    ("what_is_wrong_is_told", || check(WRONG)),
];

const HELPERS: &str = "
    const rewrite = (html, ...on) => {
        const rewriter = new HTMLRewriter();
        for (const [selector, handlers] of on) if (selector === null) rewriter.onDocument(handlers); else rewriter.on(selector, handlers);
        return rewriter.transform(new Response(html)).text();
    };
    const later = (value) => new Promise((done) => setTimeout(done, 1, value));
";

fn check(rows: &[Row<'_>]) {
    let codes: Vec<String> = rows.iter().map(|(_, code, _)| format!("{HELPERS}{code}")).collect();
    let rows: Vec<Row<'_>> = rows
        .iter()
        .zip(&codes)
        .map(|(&(what, _, result), code)| (what, code.as_str(), result))
        .collect();
    check_rows(&rows);
}

const ELEMENTS: &[Row<'_>] = &[
    (
        "attributes",
        r#"let seen; const html = await rewrite('<A href=x DATA-b="c d" e>t</a>', ['a[href]', { element(e) { seen = [e.tagName, e.namespaceURI, [...e.attributes], e.getAttribute('HREF'), e.getAttribute('none'), e.hasAttribute('e')]; e.setAttribute('href', 'y"z').removeAttribute('data-b').setAttribute('n', 1); } }]); return [seen, html];"#,
        r#"[["a","http://www.w3.org/1999/xhtml",[["href","x"],["data-b","c d"],["e",""]],"x",null,true],"<A href=\"y&quot;z\" e n=\"1\">t</a>"]"#,
    ),
    (
        "content around, inside and instead",
        r#"return rewrite('<p>1</p><b>2</b><i>3</i><u>4</u><s>5</s>', ['p', { element(e) { e.before('<', { html: false }).after('<hr>', { html: true }).prepend('a').append('b'); } }], ['b', { element(e) { e.setInnerContent('<i>', { html: true }); } }], ['i', { element(e) { e.replace('r'); } }], ['u', { element(e) { e.remove(); } }], ['s', { element(e) { e.removeAndKeepContent(); e.tagName; } }]);"#,
        r#""&lt;<p>a1b</p><hr><b><i></b>r5""#,
    ),
    (
        "names and end tags",
        r#"const names = []; const html = await rewrite('<div><p>x</p></div><br>', ['div', { element(e) { e.tagName = 'section'; e.onEndTag((end) => { names.push(end.name); end.before('!'); end.after('?'); }); e.onEndTag(async (end) => { await later(); end.name = 'main'; }); } }], ['p', { element(e) { e.onEndTag((end) => { names.push(end.name); end.remove(); }); } }]); return [names, html];"#,
        r#"[["p","section"],"<section><p>x!</main>?<br>"]"#,
    ),
    (
        "selectors",
        r#"const seen = []; const on = ['*', 'ul > li', 'li:nth-child(2)', 'li:not(.a)', '#b', '[class^=a]', 'ul li.a'].map((s) => [s, { element(e) { seen.push(s + ' ' + e.tagName); } }]); await rewrite('<ul><li class=a></li><li id=b></li></ul>', ...on); return seen;"#,
        r##"["* ul","* li","ul > li li","[class^=a] li","ul li.a li","* li","ul > li li","li:nth-child(2) li","li:not(.a) li","#b li"]"##,
    ),
    (
        "elements counted by their names, in a document of several pieces",
        r#"const html = '<ul>' + '<li>x</li><b>y</b>'.repeat(1000) + '<p></p></ul>', seen = []; const on = ['li:nth-of-type(999)', 'LI:NTH-OF-TYPE(500n)', 'b:nth-of-t\\79pe(1000)', 'p:first-of-type'].map((s, index) => [s, { async element(e) { await later(); seen.push(index); e.setAttribute('n', index); } }]); const out = await rewrite(html, ...on); return [seen, out.length - html.length, out.slice(-36)];"#,
        r#"[[1,0,1,2,3],30,"/li><b n=\"2\">y</b><p n=\"3\"></p></ul>"]"#,
    ),
    (
        "a response keeps what it is, but its length",
        r#"const r = new HTMLRewriter().on('p', { element(e) { e.append('x'); } }).transform(new Response('<p></p>', { status: 201, statusText: 'So', headers: { 'content-length': '7', 'content-type': 'text/html', a: 'b' } })); return [r instanceof Response, r.status, r.statusText, [...r.headers], await r.text()];"#,
        r#"[true,201,"So",[["a","b"],["content-type","text/html"]],"<p>x</p>"]"#,
    ),
    (
        "one rewriter, many documents, in pieces of any size",
        r#"const rewriter = new HTMLRewriter().on('b', { element(e) { e.setAttribute('c', 'd'); } }); const html = '<p>é<b>x</b></p>'.repeat(3000); const one = await rewriter.transform(new Response(html)).text(); const bytes = new TextEncoder().encode(html.slice(0, 170)); const pieces = ReadableStream.from(Array.from(bytes, (byte) => Uint8Array.of(byte))); const two = await rewriter.transform(new Response(pieces)).text(); const wanted = html.replaceAll('<b>', '<b c="d">'); return [one === wanted, two === wanted.slice(0, two.length), two.length];"#,
        "[true,true,236]",
    ),
];

const OTHERS: &[Row<'_>] = &[
    (
        "text",
        r#"const seen = []; const html = await rewrite('<p>one<b>two</b>three</p>four', ['p', { text(t) { seen.push([t.text, t.lastInTextNode, t.removed]); if (t.text === 'two') t.replace('<2>', { html: true }); else if (t.text !== '') t.before('(').after(')'); } }]); return [seen, html];"#,
        r#"[[["one",false,false],["",true,false],["two",false,false],["",true,false],["three",false,false],["",true,false]],"<p>(one)<b><2></b>(three)</p>four"]"#,
    ),
    (
        "comments, inside of an element and anywhere",
        r#"const seen = []; const html = await rewrite('<!--a--><p><!--b--></p>', ['p', { comments(c) { seen.push(c.text); c.text = 'B'; } }], [null, { comments(c) { seen.push('doc ' + c.text); if (c.text === 'a') c.remove(); } }]); return [seen, html];"#,
        r#"[["doc a","b","doc B"],"<p><!--B--></p>"]"#,
    ),
    (
        "the type of the document, and its end",
        r#"const seen = []; const html = await rewrite('<!DOCTYPE html PUBLIC "a" "b"><p>', [null, { doctype(d) { seen.push(d.name, d.publicId, d.systemId); }, end(e) { e.append('<hr>', { html: true }).append('&'); } }]); const none = await rewrite('<!doctype html>', [null, { doctype(d) { seen.push(d.systemId); } }]); return [seen, html, none];"#,
        r#"[["html","a","b",null],"<!DOCTYPE html PUBLIC \"a\" \"b\"><p><hr>&amp;","<!doctype html>"]"#,
    ),
    (
        "other encodings",
        r#"const body = Uint8Array.of(0x3c, 0x70, 0x3e, 0xe9); let seen = ''; const bytes = new Uint8Array(await new HTMLRewriter().on('p', { text(t) { seen += t.text; }, element(e) { e.prepend('ö'); } }).transform(new Response(body, { headers: { 'content-type': 'text/html; charset=iso-8859-1' } })).arrayBuffer()); return [seen, [...bytes]];"#,
        r#"["é",[60,112,62,246,233]]"#,
    ),
];

const WAITING: &[Row<'_>] = &[
    (
        "each for the one before",
        r#"const seen = []; const html = await rewrite('<a>x</a><a>y</a>', ['a', { async element(e) { seen.push('start'); e.setAttribute('n', await later(seen.length)); seen.push('end'); }, async text(t) { if (t.text) { seen.push(t.text); t.replace(await later(t.text + t.text)); } } }]); return [seen, html];"#,
        r#"[["start","end","x","start","end","y"],"<a n=\"1\">xx</a><a n=\"4\">yy</a>"]"#,
    ),
    (
        "what came before is given meanwhile",
        r#"let open; const gate = new Promise((done) => { open = done; }); const r = new HTMLRewriter().on('b', { element: () => gate }).transform(new Response('<p>early</p><b>late</b>')); const reader = r.body.pipeThrough(new TextDecoderStream()).getReader(); const first = (await reader.read()).value; open(); let rest = ''; for (;;) { const { value, done } = await reader.read(); if (done) break; rest += value; } return [first, rest];"#,
        r#"["<p>early</p>","<b>late</b>"]"#,
    ),
    (
        "two documents at the same time",
        r#"const one = rewrite('<a></a><a></a>', ['a', { async element(e) { e.append(await later('1')); e.onEndTag(async (t) => { await later(); t.before('e'); }); } }]), two = rewrite('<a></a><a></a>', ['a', { async element(e) { e.append(await later('2')); e.onEndTag((t) => { t.before('f'); }); } }]); return [await one, await two];"#,
        r#"["<a>1e</a><a>1e</a>","<a>2f</a><a>2f</a>"]"#,
    ),
    (
        "the reader leaves while a handler waits",
        r#"let cancelled; const source = new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode('<p>a</p><b></b>')); }, cancel(r) { cancelled = r; } }); let token; const r = new HTMLRewriter().on('b', { element(e) { token = e; return new Promise(() => {}); } }).transform(new Response(source)); const reader = r.body.getReader(); await reader.read(); await reader.cancel('left'); await later(); return [cancelled, await failure(() => token.tagName)];"#,
        r#"["left","TypeError"]"#,
    ),
];

const WRONG: &[Row<'_>] = &[
    (
        "arguments",
        r#"const r = new HTMLRewriter(); const results = []; for (const work of [() => r.on('p'), () => r.on('p', 1), () => r.on('p', { element: 1 }), () => r.on('p[', {}), () => r.on('', {}), () => r.on(':nope', {}), () => r.on('a'.repeat(5000), {}), () => r.on(':not('.repeat(5000), {}), () => r.onDocument(), () => r.transform(), () => r.transform('<p>'), () => HTMLRewriter(), () => HTMLRewriter.prototype.on.call({}, 'p', {})]) results.push(await failure(work)); return [results.length, [...new Set(results)]];"#,
        r#"[13,["TypeError"]]"#,
    ),
    (
        "a token that is kept, names that cannot be, an element without an end",
        r#"let kept; const results = []; await rewrite('<br><p></p>', ['p', { element(e) { kept = e; } }], ['br', { element(e) { for (const work of [() => e.onEndTag(() => {}), () => e.setAttribute('', 'x'), () => e.setAttribute('a b', 'x'), () => { e.tagName = '1'; }, () => e.append(), () => e.append(Symbol())]) { try { work(); results.push('nothing'); } catch (error) { results.push(error.name); } } } }]); return [results, await failure(() => kept.tagName), await failure(() => kept.before('x'))];"#,
        r#"[["TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"],"TypeError","TypeError"]"#,
    ),
    (
        "handlers that throw or reject, and a body that breaks off",
        r#"const broken = new Response(new ReadableStream({ pull() { throw new RangeError('source'); } })); return [await failure(() => rewrite('<p>', ['p', { element() { throw new RangeError(); } }])), await failure(() => rewrite('<p>', ['p', { async element() { await later(); throw 'thrown'; } }])), await failure(() => rewrite('<p></p>', ['p', { element(e) { e.onEndTag(() => { throw 'end'; }); } }])), await failure(() => new HTMLRewriter().transform(broken).text())];"#,
        r#"["RangeError","thrown","end","RangeError"]"#,
    ),
    (
        "a body that was read, one that is not there, chunks that are no bytes",
        r#"const read = new Response('x'); await read.text(); const r = new HTMLRewriter(); return [await failure(() => r.transform(read)), r.transform(new Response(null)).body, await failure(() => r.transform(new Response(ReadableStream.from(['x']))).text())];"#,
        r#"["TypeError",null,"TypeError"]"#,
    ),
    (
        "a tag without end is bounded",
        r#"const big = new Uint8Array(1 << 20).fill(0x61); let given = 0; const endless = new ReadableStream({ pull(c) { c.enqueue(given++ === 0 ? new TextEncoder().encode('<p class="') : big.slice()); } }); return [await failure(() => new HTMLRewriter().on('p', { element() {} }).transform(new Response(endless)).text()), given < 30];"#,
        r#"["TypeError",true]"#,
    ),
    (
        "too many handlers",
        r#"const r = new HTMLRewriter(); for (let i = 0; i < 600; i++) r.on('p', { element() {} }); return failure(() => r.transform(new Response('x')));"#,
        r#""TypeError""#,
    ),
    (
        "selectors that are too much, and what they may at most be",
        r#"const told = (work) => { try { work(); return 'fine'; } catch (error) { return error.name + ': ' + error.message; } }; const all = (count, selector) => () => { const r = new HTMLRewriter(); for (let i = 0; i < count; i++) r.on(selector(i), { element() {} }); r.transform(new Response('x')); }; const on = (selector) => () => new HTMLRewriter().on(selector, {}); return [on('a>'.repeat(64) + 'b'), on('a>'.repeat(1000) + 'b'), on('a '.repeat(1000) + 'b'), on(':not(.\\)'.repeat(250)), all(512, (i) => 'div.item > a[href]#b' + i), all(512, (i) => 'a b c d e f' + i), all(512, (i) => `[v*="${'a'.repeat(1000)}b${i}"]`)].map(told).map((text) => text.replace(/:[^:]*$/, (rest) => text.startsWith('TypeError: the') ? '' : rest));"#,
        r#"["fine","TypeError: a selector has at most 64 combinators (blanks or `>` between elements)","TypeError: a selector has at most 64 combinators (blanks or `>` between elements)","TypeError: a selector nests its brackets at most 16 deep","fine","TypeError: the selectors of this rewriter name more than 2048 elements together","TypeError: the selectors of this rewriter test more than 2048 attributes together (each `*=` counts 4 and a sixteenth of its bytes)"]"#,
    ),
    (
        "a tag that is longer than many selectors leave it, and one that is not",
        r#"const on = Array.from({ length: 400 }, (_, i) => [`[v*="b${i}"]`, { element(e) { e.setAttribute('seen', i); } }]); const tag = (length) => `<p v=${'a'.repeat(length)}b7>`; return [(await rewrite(tag(50000), ...on)).slice(-12), await failure(() => rewrite(tag(1 << 20), ...on)), (await rewrite(tag(1 << 20), on[7])).slice(-12)];"#,
        r#"["b7 seen=\"7\">","TypeError","b7 seen=\"7\">"]"#,
    ),
];
