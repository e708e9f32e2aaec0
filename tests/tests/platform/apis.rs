//! Small programs and what they must give, one table for each specification.

use crate::table::check;

#[tokio::test]
async fn url() {
    check(&[
        ("const u = new URL('../b?x=1#h', 'http://u:p@EXAMPLE.com:80/a/c'); return [u.href, u.host, u.port, u.username, u.search, u.hash]", r##"["http://u:p@example.com/b?x=1#h","example.com","","u","?x=1","#h"]"##),
        ("const u = new URL('http://a/'); u.pathname = 'ä b'; u.searchParams.append('q', 'ü&='); u.hash = 'x'; return u.href", r##""http://a/%C3%A4%20b?q=%C3%BC%26%3D#x""##),
        ("return new URL('http://ünï.example/').hostname", r#""xn--n-nga1b.example""#),
        ("return [URL.canParse('nope'), URL.canParse('/x', 'http://a'), URL.parse('nope')]", "[false,true,null]"),
        ("try { new URL('http://[::1') } catch (e) { return [e.name, e instanceof TypeError] }", r#"["TypeError",true]"#),
        ("return new URL('http://0x7f.1/').hostname", r#""127.0.0.1""#),
        ("return [new URL('data:text/plain,x').origin, new URL('https://a:443').origin]", r#"["null","https://a"]"#),
    ])
    .await;
}

#[tokio::test]
async fn url_search_params() {
    check(&[
        ("const p = new URLSearchParams('b=2&a=1&b=3&c'); p.sort(); return [p.toString(), p.getAll('b'), p.get('c'), p.size]", r#"["a=1&b=2&b=3&c=",["2","3"],"",4]"#),
        ("return [...new URLSearchParams({ a: '1', b: 'x y' })]", r#"[["a","1"],["b","x y"]]"#),
        ("const p = new URLSearchParams('a=1&a=2'); p.delete('a', '1'); return [p.toString(), p.has('a', '2'), p.has('a', '1')]", r#"["a=2",true,false]"#),
        ("return new URLSearchParams('a=%ff+%41').get('a')", "\"\u{fffd} A\""),
        ("const u = new URL('http://x/?a=1'); u.searchParams.set('a', '2'); u.search = '?z=9'; return [u.searchParams.get('z'), u.searchParams.get('a')]", r#"["9",null]"#),
    ])
    .await;
}

#[tokio::test]
async fn encoding() {
    check(&[
        ("return [...new TextEncoder().encode('a€😀')]", "[97,226,130,172,240,159,152,128]"),
        ("return new TextEncoder().encodeInto('€x', new Uint8Array(3))", r#"{"read":1,"written":3}"#),
        ("const d = new TextDecoder(); const b = new TextEncoder().encode('€😀'); let s = ''; for (const x of b) s += d.decode(Uint8Array.of(x), { stream: true }); return s + d.decode()", r#""€😀""#),
        ("return new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff))", "\"a\u{fffd}\""),
        ("try { new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff)) } catch (e) { return e.name }", r#""TypeError""#),
        ("return [new TextDecoder('latin1').encoding, new TextDecoder('utf-16le').decode(Uint8Array.of(0x61, 0)), new TextDecoder('shift_jis').decode(Uint8Array.of(0x82, 0xa0))]", r#"["windows-1252","a","あ"]"#),
        ("const s = new Blob(['h€']).stream().pipeThrough(new TextDecoderStream()); let t = ''; for await (const c of s) t += c; return t", r#""h€""#),
        ("const s = ReadableStream.from(['a', '€']).pipeThrough(new TextEncoderStream()); return (await new Response(s).bytes()).length", "4"),
    ])
    .await;
}

#[tokio::test]
async fn base64() {
    check(&[
        (
            "return [btoa('hello'), atob('aGVsbG8='), atob(' aGVs bG8 '), btoa('')]",
            r#"["aGVsbG8=","hello","hello",""]"#,
        ),
        (
            "try { btoa('€') } catch (e) { return [e.name, e instanceof DOMException] }",
            r#"["InvalidCharacterError",true]"#,
        ),
        ("try { atob('a') } catch (e) { return e.name }", r#""InvalidCharacterError""#),
    ])
    .await;
}

#[tokio::test]
async fn headers() {
    check(&[
        ("const h = new Headers({ B: '2', a: '1' }); h.append('b', '3'); return [[...h], h.get('B'), h.has('A'), h.get('c')]", r#"[[["a","1"],["b","2, 3"]],"2, 3",true,null]"#),
        ("const h = new Headers(); h.append('set-cookie', 'a'); h.append('set-cookie', 'b'); return [h.getSetCookie(), [...h]]", r#"[["a","b"],[["set-cookie","a"],["set-cookie","b"]]]"#),
        ("try { new Headers({ 'a b': '1' }) } catch (e) { return e.name }", r#""TypeError""#),
        ("try { new Headers([['a']]) } catch (e) { return e.name }", r#""TypeError""#),
        ("try { request.headers.set('x', '1'); return 'set' } catch (e) { return e.name }", r#""set""#),
    ])
    .await;
}

#[tokio::test]
async fn request_and_response() {
    check(&[
        ("const r = new Response('x', { status: 201, statusText: 'Made', headers: { a: 'b' } }); return [r.status, r.statusText, r.ok, r.headers.get('content-type'), await r.text(), r.bodyUsed]", r#"[201,"Made",true,"text/plain;charset=UTF-8","x",true]"#),
        ("const r = Response.json({ a: 1 }, { status: 202 }); return [r.status, r.headers.get('content-type'), await r.json()]", r#"[202,"application/json",{"a":1}]"#),
        ("const r = Response.redirect('http://x/y', 307); return [r.status, r.headers.get('location')]", r#"[307,"http://x/y"]"#),
        ("return [Response.error().type, Response.error().status]", r#"["error",0]"#),
        ("const out = []; for (const f of [() => new Response('', { status: 99 }), () => new Response('x', { status: 204 }), () => Response.redirect('http://x', 200), () => new Request('nope'), () => new Request('http://x', { method: 'TRACE' }), () => new Request('http://x', { body: 'x' })]) try { f(); out.push('fine') } catch (e) { out.push(e.name) } return out", r#"["RangeError","TypeError","RangeError","TypeError","TypeError","TypeError"]"#),
        ("const r = new Request('http://x/a', { method: 'post', body: new URLSearchParams({ a: 'b c' }) }); const c = r.clone(); return [r.method, r.headers.get('content-type'), await r.text(), await c.text()]", r#"["POST","application/x-www-form-urlencoded;charset=UTF-8","a=b+c","a=b+c"]"#),
        ("const r = new Response('x'); await r.text(); try { await r.text() } catch (e) { return e.name }", r#""TypeError""#),
        ("try { await new Response('{').json() } catch (e) { return e.name }", r#""SyntaxError""#),
        ("return [request.method, new URL(request.url).pathname, request.signal.aborted, request.body]", r#"["GET","/",false,null]"#),
        ("return (await new Response(new Uint8Array([1, 2, 3]).subarray(1)).arrayBuffer()).byteLength", "2"),
    ])
    .await;
}

#[tokio::test]
async fn streams() {
    check(&[
        ("const out = []; await ReadableStream.from([1, 2, 3]).pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x * 2) }, flush(c) { c.enqueue('end') } })).pipeTo(new WritableStream({ write(x) { out.push(x) } })); return out", r#"[2,4,6,"end"]"#),
        ("const [a, b] = new ReadableStream({ start(c) { c.enqueue('x'); c.close() } }).tee(); const all = async (s) => { const o = []; for await (const x of s) o.push(x); return o }; return [await all(a), await all(b)]", r#"[["x"],["x"]]"#),
        ("const s = new ReadableStream({ type: 'bytes', pull(c) { c.byobRequest ? (c.byobRequest.view[0] = 7, c.byobRequest.respond(1)) : c.enqueue(Uint8Array.of(8)) } }); const r = s.getReader({ mode: 'byob' }); const { value } = await r.read(new Uint8Array(4)); return [...value]", "[7]"),
        ("const s = new ReadableStream({ start(c) { c.error(new Error('broken')) } }); return s.getReader().read().catch((e) => e.message)", r#""broken""#),
        ("let why; const s = new ReadableStream({ cancel(r) { why = r } }); await s.cancel('enough'); return why", r#""enough""#),
        ("const w = new WritableStream({}, new CountQueuingStrategy({ highWaterMark: 2 })).getWriter(); const before = w.desiredSize; w.write(1); return [before, w.desiredSize]", "[2,1]"),
        ("const s = new ReadableStream(); s.getReader(); try { s.getReader() } catch (e) { return [e.name, s.locked] }", r#"["TypeError",true]"#),
    ])
    .await;
}

#[tokio::test]
async fn blob_and_file() {
    check(&[
        ("const b = new Blob(['a', new Uint8Array([98]), new Blob(['c'])], { type: 'Text/Plain' }); return [b.size, b.type, await b.text(), await b.slice(1, 2).text(), await b.slice(-1).text()]", r#"[3,"text/plain","abc","b","c"]"#),
        ("const f = new File(['x'], 'n.txt', { type: 'a/b', lastModified: 5 }); return [f.name, f.lastModified, f.size, f instanceof Blob]", r#"["n.txt",5,1,true]"#),
    ])
    .await;
}

#[tokio::test]
async fn form_data() {
    check(&[
        (
            "const f = new FormData(); f.append('a', '1'); f.append('a', 'zwei\\r\\nü'); f.append('f', new File([new Uint8Array([0, 255, 13, 10])], 'q\"x.bin', { type: 'a/b' }));
            const r = new Response(f); const back = await r.formData(); const file = back.get('f');
            return [r.headers.get('content-type').startsWith('multipart/form-data; boundary='), back.getAll('a'), file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]]",
            r#"[true,["1","zwei\r\nü"],"q\"x.bin","a/b",[0,255,13,10]]"#,
        ),
        ("const f = await new Response(new URLSearchParams('a=1&b=%20')).formData(); return [...f]", r#"[["a","1"],["b"," "]]"#),
        ("const f = new FormData(); f.set('a', '1'); f.set('a', '2'); f.delete('b'); return [f.getAll('a'), f.has('a'), f.get('b')]", r#"[["2"],true,null]"#),
        ("return new Response('x', { headers: { 'content-type': 'multipart/form-data' } }).formData().catch((e) => e.name)", r#""TypeError""#),
    ])
    .await;
}

#[tokio::test]
async fn compression_patterns_and_rewriting() {
    check(&[
        ("const s = new Blob(['x'.repeat(1e6)]).stream().pipeThrough(new CompressionStream('brotli')).pipeThrough(new DecompressionStream('brotli')); return (await new Response(s).text()).length", "1000000"),
        ("return new Response(new Blob(['not gzip']).stream().pipeThrough(new DecompressionStream('gzip'))).text().catch((e) => e.name)", r#""TypeError""#),
        ("return new URLPattern('/:a/*', 'https://x.y').exec('https://x.y/b/c').pathname.groups", r#"{"0":"c","a":"b"}"#),
        (
            "const later = () => new Promise((done) => setTimeout(done, 1)); const r = new HTMLRewriter().on('a', { async element(e) { await later(); e.setAttribute('href', 'y'); e.onEndTag((t) => { t.before('!'); }); } });
            const pages = []; for (let i = 0; i < 20; i++) pages.push(r.transform(new Response('<a href=x>t</a>'.repeat(5))).text()); return [...new Set(await Promise.all(pages))]",
            r#"["<a href=\"y\">t!</a><a href=\"y\">t!</a><a href=\"y\">t!</a><a href=\"y\">t!</a><a href=\"y\">t!</a>"]"#,
        ),
    ])
    .await;
}

#[tokio::test]
async fn structured_clone() {
    check(&[
        ("const a = { d: new Date(5), m: new Map([[1, new Set([2])]]), r: /x/gi, n: null, u: undefined, b: 10n }; a.self = a; const c = structuredClone(a); return [c !== a, c.self === c, c.d.getTime(), c.m.get(1).has(2), String(c.r), 'u' in c, String(c.b)]", r#"[true,true,5,true,"/x/gi",true,"10"]"#),
        ("try { structuredClone(() => {}) } catch (e) { return [e.name, e instanceof DOMException] }", r#"["DataCloneError",true]"#),
        ("const b = new ArrayBuffer(8); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]", "[0,8]"),
        ("const e = structuredClone(new RangeError('x', { cause: 1 })); return [e instanceof RangeError, e.name, e.message, e.cause]", r#"[true,"RangeError","x",1]"#),
    ])
    .await;
}

#[tokio::test]
async fn events_and_aborts() {
    check(&[
        ("const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => seen.push(e.type), { once: true }); t.addEventListener('x', { handleEvent(e) { seen.push(e.target === t) } }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x')); return seen", r#"["x",true,true]"#),
        ("const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault()); return [t.dispatchEvent(new Event('x', { cancelable: true })), new CustomEvent('y', { detail: 7 }).detail]", "[false,7]"),
        ("const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.abort('why'); c.abort(); return [n, c.signal.aborted, c.signal.reason]", r#"[1,true,"why"]"#),
        ("const s = AbortSignal.timeout(5); await new Promise((r) => s.addEventListener('abort', r)); return [s.aborted, s.reason.name]", r#"[true,"TimeoutError"]"#),
        ("const c = new AbortController(); const s = AbortSignal.any([c.signal, new AbortController().signal]); c.abort(3); return [s.aborted, s.reason, AbortSignal.any([AbortSignal.abort(4)]).reason]", "[true,3,4]"),
        ("try { AbortSignal.abort().throwIfAborted() } catch (e) { return [e.name, e.code, e instanceof DOMException, e instanceof Error] }", r#"["AbortError",20,true,true]"#),
        ("const e = new DOMException('m', 'NotFoundError'); return [e.message, e.name, e.code, DOMException.NOT_FOUND_ERR, String(e)]", r#"["m","NotFoundError",8,8,"NotFoundError: m"]"#),
    ])
    .await;
}

#[tokio::test]
async fn crypto() {
    check(&[
        ("const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join(''); const abc = new TextEncoder().encode('abc'); return [hex(await crypto.subtle.digest('SHA-256', abc)), hex(await crypto.subtle.digest({ name: 'sha-1' }, abc))]", r#"["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","a9993e364706816aba3e25717850c26c9cd0d89d"]"#),
        ("const b = await crypto.subtle.digest('SHA-512', new Uint8Array()); const c = await crypto.subtle.digest('SHA-384', new ArrayBuffer(0)); return [b.byteLength, new Uint8Array(b)[0], c.byteLength, new Uint8Array(c)[0]]", "[64,207,48,56]"),
        ("return crypto.subtle.digest('MD5', new Uint8Array()).catch((e) => e.name)", r#""NotSupportedError""#),
        ("const a = crypto.getRandomValues(new Uint8Array(32)); const b = crypto.getRandomValues(new Uint8Array(32)); return [a.some((x, i) => x !== b[i]), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())]", "[true,true]"),
        ("const out = []; for (const f of [() => crypto.getRandomValues(new Uint8Array(65537)), () => crypto.getRandomValues(new Float32Array(1))]) try { f() } catch (e) { out.push(e.name) } return out", r#"["QuotaExceededError","TypeMismatchError"]"#),
    ])
    .await;
}

#[tokio::test]
async fn timers_and_microtasks() {
    check(&[
        ("const seen = []; setTimeout(() => seen.push('timeout')); queueMicrotask(() => seen.push('micro')); Promise.resolve().then(() => seen.push('promise')); seen.push('now'); await new Promise((r) => setTimeout(r, 5)); return seen", r#"["now","micro","promise","timeout"]"#),
        ("const seen = []; setTimeout(() => seen.push(3), 12); setTimeout(() => seen.push(1), 2); setTimeout(() => seen.push(2), 2); await new Promise((r) => setTimeout(r, 25)); return seen", "[1,2,3]"),
        ("let n = 0; const id = setInterval(() => { if (++n === 3) clearInterval(id) }, 1); const no = setTimeout(() => { n = 100 }, 1); clearTimeout(no); while (n < 3) await new Promise((r) => setTimeout(r, 1)); await new Promise((r) => setTimeout(r, 20)); return n", "3"),
        ("return new Promise((r) => setTimeout((...args) => r(args), 1, 'a', 2))", r#"["a",2]"#),
        ("const a = performance.now(); await new Promise((r) => setTimeout(r, 5)); const b = performance.now(); return [b - a >= 4, b >= a, performance.timeOrigin > 1e12]", "[true,true,true]"),
    ])
    .await;
}

#[tokio::test]
async fn the_rest() {
    check(&[
        ("return [typeof navigator.userAgent, navigator.userAgent.length > 0, self === globalThis]", r#"["string",true,true]"#),
        ("return ['eval', 'Function'].map((name) => { try { return name === 'eval' ? (0, eval)('1') : new Function('return 1')() } catch (e) { return e.name } })", r#"["EvalError","EvalError"]"#),
        ("return [typeof SharedArrayBuffer, typeof globalThis.require, typeof Deno, typeof process]", r#"["undefined","undefined","object","object"]"#),
        ("return [new Intl.NumberFormat('de-DE').format(1234.5), [3, 1, 2].toSorted(), Object.groupBy([1, 2], (x) => (x % 2 ? 'odd' : 'even')).odd]", r#"["1.234,5",[1,2,3],[1]]"#),
        ("return Object.keys(globalThis).filter((k) => k.startsWith('insula') || k.startsWith('__'))", "[]"),
    ])
    .await;
}
