//! `caches`: kept by the host, for each tenant apart, as long as there is room and it is fresh.

use insula_tests::{App, Options, Origin, Server, answer};

use crate::table::check;

#[tokio::test]
async fn responses_are_kept_and_found() {
    check(&[
        ("const c = caches.default; await c.put('http://a.b/x#f', new Response('v', { status: 201, headers: { a: 'b' } })); const r = await c.match('http://a.b/x'); return [r.status, r.headers.get('a'), r.headers.get('insula-cache'), r.url, await r.text(), typeof r.headers.get('age')]", r#"[201,"b",null,"http://a.b/x","v","string"]"#),
        ("const c = caches.default; return [await c.match('http://none/') === undefined, await c.match(new Request('http://a.b/x', { method: 'POST' })) === undefined]", "[true,true]"),
        ("const c = await caches.open('ü'); await c.put('http://v/', new Response('1')); await c.put('http://v/', new Response('2')); return [await (await c.match('http://v/')).text(), await caches.default.match('http://v/') === undefined, await caches.has('ü'), await caches.has('x'), await caches.keys(), await c.delete('http://v/'), await c.delete('http://v/'), await caches.delete('ü'), await caches.delete('ü'), await caches.keys()]", r#"["2",true,true,false,["ü"],true,false,true,false,[]]"#),
        ("const c = await caches.open('vary'); const ask = (l) => new Request('http://v/', { headers: l ? { 'accept-language': l } : {} }); for (const l of ['de', 'en']) await c.put(ask(l), new Response(l, { headers: { vary: 'Accept-Language' } })); const get = async (l, o) => (await c.match(ask(l), o))?.text(); return [await get('de'), await get('en'), await get('fr') ?? null, await get() ?? null, typeof await get('fr', { ignoreVary: true }), (await c.keys()).map((r) => r.url + r.headers.get('accept-language')), (await c.matchAll()).length]", r#"["de","en",null,null,"string",["http://v/de","http://v/en"],2]"#),
        ("const c = await caches.open('search'); await c.put('http://s/?a', new Response('1')); return [await c.match('http://s/?b') === undefined, await (await c.match('http://s/?b', { ignoreSearch: true })).text(), await c.delete('http://s/', { ignoreSearch: true }), (await c.keys()).length]", r#"[true,"1",true,0]"#),
        ("const c = await caches.open('cc'); const kept = async (headers) => { await c.put('http://c/', new Response('x', { headers })); const r = await c.match('http://c/'); await c.delete('http://c/'); return r !== undefined; }; return [await kept({ 'cache-control': 'no-store' }), await kept({ 'cache-control': 'private' }), await kept({ 'cache-control': 'max-age=0' }), await kept({ 'cache-control': 'max-age=0, s-maxage=60' }), await kept({ expires: new Date(0).toUTCString() }), await kept({ expires: new Date(Date.now() + 60000).toUTCString() }), await kept({ 'set-cookie': 'a=b' }), await kept({})]", "[false,false,false,true,false,true,false,true]"),
        ("const c = await caches.open('cond'); await c.put('http://e/', new Response('0123456789', { headers: { etag: '\"x\"' } })); const get = async (headers) => { const r = await c.match(new Request('http://e/', { headers })); return [r.status, await r.text(), r.headers.get('content-range')]; }; return [await get({ 'if-none-match': 'W/\"x\"' }), await get({ 'if-none-match': '\"y\"' }), await get({ range: 'bytes=2-3' }), await get({ range: 'bytes=-3' }), await get({ range: 'bytes=8-' }), await get({ range: 'bytes=50-60' })]", r#"[[304,"",null],[200,"0123456789",null],[206,"23","bytes 2-3/10"],[206,"789","bytes 7-9/10"],[206,"89","bytes 8-9/10"],[200,"0123456789",null]]"#),
        ("const big = new Uint8Array(1 << 20).fill(7); await caches.default.put('http://big/', new Response(new Blob([big, big]).stream())); const r = await caches.default.match('http://big/'); const bytes = await r.bytes(); return [bytes.length, bytes.every((b) => b === 7)]", "[2097152,true]"),
        ("const out = []; const used = new Response('x'); await used.text(); const c = caches.default; for (const work of [() => c.put('http://p/', new Response('x', { status: 206 })), () => c.put('http://p/', new Response('x', { headers: { vary: 'a, *' } })), () => c.put(new Request('http://p/', { method: 'POST' }), new Response('x')), () => c.put('data:x', new Response('x')), () => c.put('http://p/', used), () => c.put('http://p/', 'x'), () => c.put('http://p/'), () => c.match(), () => c.match('/x'), () => new Cache(), () => caches.open(), () => c.put('http://p/', new Response(new Uint8Array(9 << 20))), () => fetch('insula-cache://host/')]) out.push(await (async () => work())().then(() => 'fine', (e) => e.name)); return [...new Set(out)]", r#"["TypeError"]"#),
        ("return [String(caches), String(caches.default), caches.default === caches.default, Object.keys(Cache.prototype), caches instanceof CacheStorage]", r#"["[object CacheStorage]","[object Cache]",true,["match","matchAll","add","addAll","put","delete","keys"],true]"#),
    ])
    .await;
}

#[tokio::test]
async fn what_is_added_is_fetched_and_kept_together_or_not_at_all() {
    let origin = Origin::start(|request| {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let mut answer = match path.as_str() {
                "/missing" => answer(404, "missing"),
                "/part" => answer(206, "part"),
                _ => answer(200, path.clone()),
            };
            let (name, value) = match path.as_str() {
                "/star" => ("vary", "a, *"),
                "/language" => ("vary", "accept-language"),
                "/secret" => ("cache-control", "no-store"),
                _ => ("x-plain", "1"),
            };
            answer.headers_mut().insert(name, value.parse().expect("a value"));
            answer
        })
    })
    .await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let source = format!(
        "async () => {{
            const base = '{}', seen = [], cache = await caches.open('added');
            const kept = async () => (await cache.keys()).map((request) => new URL(request.url).pathname).join();
            const outcome = (work) => work().then(() => 'fine', (error) => error.name);
            seen.push(await cache.add(base + 'one'), await kept(), await (await cache.match(base + 'one')).text());
            await cache.addAll([base + 'two', new Request(base + 'three')]);
            seen.push(await kept());
            for (const bad of ['missing', 'part', 'star']) seen.push(await outcome(() => cache.addAll([base + 'four', base + bad])));
            for (const bad of [new Request(base, {{ method: 'POST' }}), 'ftp://x/', 'http://127.0.0.1:1/']) seen.push(await outcome(() => cache.add(bad)));
            seen.push(await outcome(() => cache.addAll([base + 'four', base + 'four#again'])), await kept());
            const inLanguage = (language) => new Request(base + 'language', {{ headers: {{ 'accept-language': language }} }});
            await cache.addAll([inLanguage('de'), inLanguage('en')]);
            seen.push(await outcome(() => cache.addAll([inLanguage('fr'), inLanguage('fr')])));
            await cache.addAll([]);
            await cache.add(base + 'secret');
            seen.push(await kept());
            return Response.json(seen);
        }}",
        origin.url("/"),
    );
    server.handler("alice", &source).await;
    let expected = r#"[null,"/one","/one","/one,/two,/three","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","InvalidStateError","/one,/two,/three","InvalidStateError","/one,/two,/three,/language,/language"]"#;
    server.get("alice", "/").await.assert_ok(expected);
}

const APP: &str = "export default { async fetch(request) {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/put') await caches.default.put('http://k.example/', new Response(search));
    return await caches.default.match('http://k.example/') ?? new Response('nothing');
} };";

#[tokio::test]
async fn what_is_kept_outlives_versions_and_belongs_to_its_tenant() {
    let server = Server::start().await;
    let app = App::module(APP);
    server.deploy("one", &app).await;
    server.deploy("two", &app).await;
    assert_eq!(server.get("one", "/put?x").await.text(), "?x");
    assert_eq!(server.get("two", "/").await.text(), "nothing");
    server.deploy("one", &App::module(&format!("{APP} // again"))).await;
    assert_eq!(server.get("one", "/").await.text(), "?x");
}

#[tokio::test]
async fn what_a_deleted_tenant_had_or_still_puts_is_not_the_next_ones() {
    let (gate, opened) = tokio::sync::watch::channel(false);
    let (done, mut finished) = tokio::sync::mpsc::channel::<()>(1);
    let origin = Origin::start(move |request| {
        let (mut opened, done) = (opened.clone(), done.clone());
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            match path.as_str() {
                "/gate" => drop(opened.wait_for(|open| *open).await),
                _ => drop(done.send(()).await),
            }
            answer(200, "")
        })
    })
    .await;
    let server = Server::with(Options::config(origin.allowed())).await;
    let late = format!(
        "export default {{ async fetch(request, env, ctx) {{
            await caches.default.put('http://k.example/', new Response('early'));
            ctx.waitUntil((async () => {{
                await fetch('{}');
                await caches.default.put('http://k.example/', new Response('late')).catch(() => {{}});
                await fetch('{}');
            }})());
            return await caches.default.match('http://k.example/');
        }} }};",
        origin.url("/gate"),
        origin.url("/done"),
    );
    server.deploy("one", &App::module(&late)).await;
    server.get("one", "/").await.assert_ok("early");
    server.insula(&["delete", "one"]).await.succeeded();
    server.deploy("one", &App::module(APP)).await;
    server.get("one", "/").await.assert_ok("nothing");
    gate.send(true).expect("the origin waits");
    finished.recv().await.expect("the old isolate has put");
    server.get("one", "/").await.assert_ok("nothing");
    assert_eq!(server.get("one", "/put?x").await.text(), "?x");
}

/// Each put and match is a subrequest, and there are only so many of them.
#[tokio::test]
async fn each_use_counts_as_a_subrequest() {
    let server = Server::start().await;
    let app = App::module(
        "export default { async fetch() {
            let count = 0;
            try { for (; count < 60; count++) await caches.default.match('http://x.example/'); } catch {}
            return new Response(`${count}`);
        } };",
    );
    server.deploy("many", &app).await;
    assert_eq!(server.get("many", "/").await.text(), "50");
}

/// Each visitor's answer is kept apart by `Vary` and by the query; the handler passes the visitor's own request on.
#[tokio::test]
async fn a_visitor_cannot_speak_to_the_cache_with_header_fields() {
    let server = Server::start().await;
    let app = App::module(
        "export default { async fetch(request) {
            const kept = await caches.default.match(request);
            if (kept !== undefined) return kept;
            const who = `${request.headers.get('cookie')}${new URL(request.url).search}`;
            const response = new Response(who, { headers: { vary: 'cookie', 'insula-cache-fresh': '0', 'insula-cache-vary': '[]' } });
            await caches.default.put(request, response.clone());
            return response;
        } };",
    );
    server.deploy("shop", &app).await;
    let ask = async |path: &str, cookie: &str, spoken: Option<&str>| {
        let mut request = insula_tests::get("shop", path);
        request.headers_mut().insert("cookie", cookie.parse().expect("a value"));
        if let Some(spoken) = spoken {
            request.headers_mut().insert("insula-cache-ignore", spoken.parse().expect("a value"));
        }
        let answer = server.send(request).await;
        (answer.text().to_owned(), answer.headers.contains_key("age"))
    };
    let first = ("alice?a".to_owned(), false);
    assert_eq!(ask("/?a", "alice", None).await, first);
    // It is kept for her, however fresh the response calls itself in the cache's own words.
    assert_eq!(ask("/?a", "alice", None).await, (first.0, true));
    let others = ("mallory?b".to_owned(), false);
    assert_eq!(ask("/?b", "mallory", Some("search,vary")).await, others);
}
