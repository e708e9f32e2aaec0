//! Tenants that change the built-ins before the platform's lazy parts are first used.

use insula_platform::Incoming;

use crate::support::{Body, Said, Tenant, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("changed_built_ins_are_not_called", changed),
    ("deleted_built_ins_are_not_missed", deleted),
    ("properties_of_object_prototype_are_not_seen", inherited),
    ("changed_platform_classes_are_not_called", platform_classes),
    ("bytes_of_bodies_are_not_shown", bytes_of_bodies_are_not_shown),
    ("inspecting_runs_no_getter", inspecting_runs_no_getter),
    ("pipes_of_the_platform_end", pipes_of_the_platform_end),
];

/// Exercises the whole platform; returns what does not work. Captures what it needs itself first.
const EXERCISE: &str = r#"
    const stringify = JSON.stringify, from = String, has = Object.hasOwn, many = 'z'.repeat(300000);
    const results = [];
    const expect = (what, got, wanted) => { if (got !== wanted) results[results.length] = what + ': ' + from(got) + ' is not ' + from(wanted); };
    const shared = new Uint8Array(2), sharedBuffer = shared.buffer, full = { a: [1, , 2], m: new Map([[1, new Set([2])]]), d: new Date(3), r: /x/g, e: new RangeError('m', { cause: [4] }), b: new Blob(['q']), v: shared };
    async function exercise(request) {
        const url = new URL('/p?a=1&b=2#h', request.url);
        expect('url', url.href, 'http://a.localhost/p?a=1&b=2#h');
        url.searchParams.append('c', 'd e'); url.searchParams.sort(); url.searchParams.delete('b');
        expect('search', url.search, '?a=1&c=d+e');
        let seen = ''; url.searchParams.forEach((value, name) => { seen += name + value; });
        expect('forEach', seen, 'a1cd e');
        const search = new URLSearchParams({ x: 'y' }); search.set('x', 'z');
        expect('params', search.toString(), 'x=z');
        expect('pattern', new URLPattern('https://*.b/:c{/d}?', 'https://e.f').exec({ protocol: 'https', hostname: 'a.b', pathname: '/x' }).pathname.groups.c, 'x');
        expect('pattern', new URLPattern({ pathname: '/a/(x|y)', baseURL: 'https://a.b' }).test('/a/y', 'https://a.b'), true);
        expect('canParse', URL.canParse('::'), false);

        const headers = new Headers({ B: '1', a: ' 2 ' }); headers.append('b', '3'); headers.append('set-cookie', 'x');
        expect('headers', headers.get('b'), '1, 3');
        const entries = headers.entries(); expect('entry', entries.next().value[0], 'a');
        expect('cookie', headers.getSetCookie()[0], 'x');
        expect('request header', request.headers.get('host'), 'a.localhost');

        expect('text', await new Response('text').text(), 'text');
        expect('json', (await Response.json({ a: 1 }).json()).a, 1);
        expect('bytes', (await new Response('abc').bytes())[2], 99);
        expect('blob', await (await new Response('abc').blob()).text(), 'abc');
        const cloned = new Response('abc'); const clone = cloned.clone();
        expect('clones', await cloned.text() + await clone.text(), 'abcabc');
        expect('request', await new Request(request, { method: 'POST', body: 'b' }).text(), 'b');
        const form = new FormData(); form.append('a', 'b'); form.append('f', new File(['data'], 'n.txt'));
        const parsed = await new Response(form).formData();
        expect('form', parsed.get('a'), 'b');
        expect('file', await parsed.get('f').text(), 'data');
        expect('form url', (await new Response(new URLSearchParams('a=b')).formData()).get('a'), 'b');

        expect('encoder', new TextEncoder().encode('é')[1], 0xa9);
        expect('encodeInto', new TextEncoder().encodeInto('é', new Uint8Array(1)).written, 0);
        expect('decoder', new TextDecoder('latin1').decode(new Uint8Array(1)), '\0');
        expect('base64', atob(btoa('ab')), 'ab');
        expect('uuid', crypto.randomUUID().length, 36);
        const random = new Uint8Array(4); expect('random', crypto.getRandomValues(random), random);
        expect('digest', new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(1)))[31], 0x1d);
        const { subtle } = crypto, iv = new Uint8Array(16), some = new Uint8Array(5);
        const aes = await subtle.generateKey({ name: 'AES-CBC', length: 128 }, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
        expect('decrypt', new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv }, aes, await subtle.encrypt({ name: 'AES-CBC', iv }, aes, some)))[4], 0);
        const pairs = [{ name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }, { name: 'Ed25519' }];
        for (let i = 0; i < pairs.length; i++) {
            const pair = await subtle.generateKey(pairs[i], true, ['sign', 'verify']);
            const jwk = await subtle.exportKey('jwk', pair.privateKey);
            const signer = await subtle.importKey('jwk', jwk, pairs[i], false, ['sign']);
            expect('verify', await subtle.verify(pairs[i], pair.publicKey, await subtle.sign(pairs[i], signer, some), some), true);
            const wrapped = await subtle.wrapKey('jwk', pair.publicKey, aes, { name: 'AES-CBC', iv });
            const unwrapped = await subtle.unwrapKey('jwk', wrapped, aes, { name: 'AES-CBC', iv }, pairs[i], true, ['verify']);
            expect('unwrapped', unwrapped.usages[0], 'verify');
        }
        const agreed = await subtle.generateKey({ name: 'X25519' }, false, ['deriveKey']);
        const derived = await subtle.deriveKey({ name: 'X25519', public: agreed.publicKey }, agreed.privateKey, { name: 'HMAC', hash: 'SHA-256', length: 256 }, true, ['sign']);
        expect('derived', derived.algorithm.length, 256);
        const hashed = new crypto.DigestStream('SHA-1'), hashing = hashed.getWriter(); await hashing.write('a'); await hashing.close();
        expect('digest stream', new Uint8Array(await hashed.digest)[0], 0x86);
        expect('key', structuredClone(aes).type, 'secret');

        const files = new FileReader();
        const loaded = new Promise((resolve) => { files.onload = () => resolve(files.result); });
        files.readAsDataURL(new Blob(['a'], { type: 'a/b' }));
        expect('reader', await loaded, 'data:a/b;base64,YQ==');
        let observe; const observed = new Promise((resolve) => { observe = resolve; });
        new PerformanceObserver((list) => observe(list.getEntries()[0].name)).observe({ type: 'mark' });
        performance.mark('observed'); expect('observer', await observed, 'observed');

        const target = new EventTarget(); let heard = 0;
        target.addEventListener('x', () => { heard++; }, { once: true });
        target.addEventListener('x', { handleEvent() { heard++; } });
        target.dispatchEvent(new CustomEvent('x', { detail: 1 })); target.dispatchEvent(new Event('x'));
        expect('events', heard, 3);
        const controller = new AbortController(); const any = AbortSignal.any([controller.signal]);
        let aborted = 0; any.onabort = () => { aborted++; }; controller.abort();
        expect('abort', aborted, 1);
        expect('reason', any.reason.name, 'AbortError');

        const source = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
        const branches = source.tee(), left = branches[0], right = branches[1];
        const upper = new TransformStream({ transform(chunk, c) { c.enqueue(chunk + '!'); } });
        const reader = left.pipeThrough(upper).getReader(); let read = '';
        for (let r = await reader.read(); !r.done; r = await reader.read()) read += r.value;
        expect('streams', read, 'a!b!');
        const written = []; await right.pipeTo(new WritableStream({ write(chunk) { written[written.length] = chunk; } }));
        expect('pipe', written.length, 2);
        const bytes = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array(3)); c.close(); } }).getReader({ mode: 'byob' });
        expect('byob', (await bytes.read(new Uint8Array(2))).value[2], undefined);
        const texts = new Blob(['xy']).stream().pipeThrough(new TextDecoderStream()).getReader();
        expect('text stream', (await texts.read()).value, 'xy');

        const packed = new Blob([many]).stream().pipeThrough(new CompressionStream('gzip'));
        expect('compression', (await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).text()).length, 300000);

        let tags = '';
        const rewriter = new HTMLRewriter().on('b', { element(e) { tags += e.tagName + e.attributes.next().value[0]; e.append('2'); }, async text(t) { tags += t.text; } });
        expect('rewriter', await rewriter.transform(new Response('<b c>1</b>')).text(), '<b c>12</b>');
        expect('tags', tags, 'bc1');

        let ticks = 0;
        await new Promise((done) => { const id = setInterval((n) => { ticks += n; if (ticks === 6) { clearInterval(id); done(); } }, 1, 3); });
        expect('interval', ticks, 6);
        await new Promise((done) => queueMicrotask(done));
        const sockets = new WebSocketPair(), wsa = sockets[0], wsb = sockets[1]; wsa.accept(); wsb.accept(); wsa.send('hello');
        expect('websocket', (await new Promise((done) => { wsb.onmessage = done; })).data, 'hello');
        const end = new Promise((done) => { wsa.onclose = done; }); wsb.send(new Uint8Array(3)); wsb.close(3000, 'bye');
        expect('websocket bytes', typeof (await new Promise((done) => { wsa.onmessage = done; })).data, 'object');
        expect('websocket end', (await end).reason, 'bye');
        expect('websocket response', new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }).status, 101);
        expect('clone', structuredClone({ a: { b: 1 } }).a.b, 1);
        const copy = structuredClone(full, { transfer: [sharedBuffer] });
        expect('clone', copy.a.length, 3); expect('clone', copy.e.cause[0], 4); expect('clone', copy.b.size, 1); expect('clone', copy.v[1], 0);
        const { port1, port2 } = new MessageChannel(); port1.postMessage(port2 && { hello: 1 }, []);
        expect('message', (await new Promise((done) => { port2.onmessage = done; })).data.hello, 1);
        const far = new ReadableStream({ start(c) { c.enqueue('far'); c.close(); } });
        expect('transfer', (await structuredClone(far, { transfer: [far] }).getReader().read()).value, 'far');
        const near = new BroadcastChannel('c'), other = new BroadcastChannel('c'); near.postMessage({ a: 1 });
        expect('broadcast', (await new Promise((done) => { other.onmessage = done; })).data.a, 1); near.close(); other.close();
        const variable = new AsyncContext.Variable();
        expect('context', await variable.run('kept', async () => { await new Promise((done) => setImmediate(done)); return variable.get(); }), 'kept');
        performance.mark('m'); performance.measure('n', 'm');
        expect('marks', performance.getEntriesByName('n').length, 1);
        expect('agent', typeof navigator.userAgent, 'string');
        expect('exception', new DOMException('m', 'DataError').code, 0);
        console.log('%s %o', 'x', { a: [1, { b: 2 }], c: null, d: 1n, e: /r/, f() {} }, new Error('e').name, headers, url);
        console.table([{ a: 1 }]); console.count(); console.time(); console.timeEnd();

        const stop = new AbortController();
        const answer = await fetch('https://b.example/', { method: 'POST', headers: { a: 'b' }, body: 'x', signal: stop.signal });
        expect('fetch', await answer.text(), 'answer');

        const cache = await caches.open('c'), kept = 'https://b.example/x';
        await cache.put(kept, new Response('kept', { headers: { vary: 'a', 'cache-control': 'x, max-age=60' } }));
        const conditional = new Request(kept, { headers: { a: 'b', 'if-none-match': '"y", "z"' } });
        expect('cached', await (await cache.match(conditional)).text(), 'kept');
        expect('keys', (await cache.keys())[0].url, kept);
        expect('all', await (await cache.matchAll(kept, { ignoreVary: true }))[0].text(), 'kept');
        await cache.addAll(['https://b.example/y', 'https://b.example/z']);
        expect('names', (await caches.keys())[0], 'c');
        expect('has', await caches.has('c'), true);
        expect('found', await (await caches.match(kept)).text(), 'kept');
        expect('deleted', await cache.delete(kept), true);
        expect('dropped', await caches.delete('c'), true);
        return results.length === 0 ? 'all work' : stringify(results);
    }
"#;

/// Checks that the exercise works, and nothing of `touched` was called, after `patch` ran.
fn check(patch: &str) {
    let source = format!(
        "{EXERCISE}
        const touched = []; let armed = false;
        {patch}
        export default {{ async fetch(request, env, ctx) {{
            armed = true;
            let result;
            try {{ result = await exercise(request); }}
            catch (error) {{ result = error?.message + ' at ' + error?.stack; }}
            armed = false;
            if (touched.length > 0) result += '; touched: ' + stringify(touched);
            return new Response(result);
        }} }};"
    );
    with_tenant(&source, |tenant| {
        let stream = tenant.get();
        // Timers, up to the subrequest, and what is left of them.
        tenant.run();
        tenant.answer(1, Incoming::Follows);
        tenant.chunk(1, b"ans");
        tenant.chunk(1, b"wer");
        tenant.end(1);
        let mut said = tenant.said();
        let mut next = 0;
        while let Some(asked) = said.get(next).cloned() {
            next += 1;
            match asked {
                // The one that is answered.
                Said::Fetch { stream: 1, .. } => {}
                Said::Fetch { stream, method, url, headers, .. } => {
                    answer(tenant, stream, &method, &url, &headers);
                }
                _ => {}
            }
            said.extend(tenant.said());
        }
        tenant.run();
        said.extend(tenant.said());
        let answer = said.iter().find_map(|said| match said {
            Said::Response { body: Body::Whole(text), .. } => Some(text.as_str()),
            _ => None,
        });
        assert_eq!(answer, Some("all work"), "{said:?}");
        assert_eq!(said.last(), Some(&Said::Done { stream }));
    });
}

/// What the host says, of its caches and of others.
fn answer(tenant: &mut Tenant, stream: u32, method: &str, url: &str, headers: &str) {
    let lists_names = headers.contains("insula-cache-name: *");
    let (outcome, body) = match method {
        _ if !url.starts_with("insula-cache:") => {
            return tenant.answer(stream, Incoming::Whole(b"answer"));
        }
        "POST" => ("opened", ""),
        "PUT" => ("stored", ""),
        "GET" => ("hit", "kept"),
        "DELETE" => ("deleted", ""),
        _ if lists_names => ("list", r#"["n\"c\""]"#),
        _ => ("list", r#"[["https://b.example/x",[["a",null]]]]"#),
    };
    let fields = [("insula-cache", outcome), ("etag", "\"x\"")];
    tenant.answer_with(stream, &fields, Incoming::Whole(body.as_bytes()));
}

/// Every class and namespace of the language whose members code could have replaced.
const OWNERS: &str = "
    const iterators = [[].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), /a/g[Symbol.matchAll]('a'), (function* () {})(), (async function* () {})()].map((it) => Object.getPrototypeOf(it));
    const generators = iterators.slice(5).map((it) => Object.getPrototypeOf(it));
    const classes = [Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, TypeError, RangeError, Function, Map, Number, Promise, RegExp, Set, String, Symbol, WeakMap, WeakSet, WeakRef, FinalizationRegistry, Uint8Array, Uint32Array, Object.getPrototypeOf(Uint8Array)];
    const owners = [...classes, ...classes.map((c) => c.prototype), ...iterators, ...generators, Object.getPrototypeOf(iterators[0]), Reflect, JSON, Math, Object];
";

fn changed() {
    check(&format!(
        "{OWNERS}
        // `constructor` and `Symbol.species` of promises, and `then` of a promise that another is resolved
        // with, are looked up by the language; iterators, by what the standards make of a sequence.
        const spared = new Set(['constructor', 'prototype', Symbol.hasInstance, Symbol.species]);
        const sparedLabels = new Set(['Promise.then', 'Array.Symbol(Symbol.iterator)', 'Iterator.next']);
        const define = Object.defineProperty, apply = Reflect.apply, construct = Reflect.construct, describe = Object.getOwnPropertyDescriptor;
        for (const owner of owners) for (const key of Reflect.ownKeys(owner)) {{
            const descriptor = describe(owner, key);
            const label = String((owner.name ?? owner.constructor?.name) + '.' + String(key));
            if (spared.has(key) || sparedLabels.has(label) || !descriptor.configurable) continue;
            for (const part of ['value', 'get', 'set']) {{
                const original = descriptor[part];
                if (typeof original !== 'function') continue;
                descriptor[part] = function () {{
                    if (armed) touched[touched.length] = label;
                    return new.target ? construct(original, arguments) : apply(original, this, arguments);
                }};
            }}
            define(owner, key, descriptor);
        }}"
    ));
}

fn deleted() {
    check(&format!(
        "{OWNERS}
        const needed = {{ __proto__: null, constructor: 1, prototype: 1, length: 1, name: 1, resolve: 1, then: 1, next: 1, [Symbol.iterator]: 1 }}, remove = Reflect.deleteProperty;
        for (const owner of owners) for (const key of Reflect.ownKeys(owner)) if (needed[key] === undefined && owner !== Reflect) remove(owner, key);
        for (const name of ['Array', 'Map', 'Set', 'WeakMap', 'Symbol', 'Date', 'JSON', 'Math', 'Reflect', 'RegExp', 'String', 'Number', 'Proxy', 'ArrayBuffer', 'DataView', 'TypeError', 'WeakRef', 'Intl', 'BigInt', 'Object', 'Function']) remove(globalThis, name);"
    ));
}

fn inherited() {
    check(
        "for (const key of ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'done', 'next', 'resolve', 'reject', 'promise', 'callback', 'args', 'delay', 'index', 'source', 'flags', 'stream', 'context', 'kind']) {
            Object.defineProperty(Object.prototype, key, {
                __proto__: null,
                configurable: true,
                get() { if (armed) touched[touched.length] = 'get ' + key; },
                set(value) {
                    if (armed) touched[touched.length] = 'set ' + key;
                    Object.defineProperty(this, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
                },
            });
        }",
    );
}

fn platform_classes() {
    // A method that is called while another one runs was called by the platform. Callbacks of the
    // exercise call the spared ones themselves; `pipeThrough` reads both ends, as its standard says.
    check(
        "const { defineProperty: define, getOwnPropertyDescriptor: describe } = Object, { apply, ownKeys } = Reflect;
        const spared = ['constructor', 'enqueue', 'close', 'readable', 'writable'];
        let depth = 0;
        for (const name of ['AbortController', 'AbortSignal', 'Blob', 'Crypto', 'CryptoKey', 'CustomEvent', 'DOMException', 'Event', 'EventTarget', 'ExecutionContext', 'File', 'FormData', 'Headers', 'BroadcastChannel', 'Cache', 'CacheStorage', 'MessageChannel', 'MessagePort', 'Performance', 'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'Request', 'Response', 'SubtleCrypto', 'TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TransformStream', 'TransformStreamDefaultController', 'URL', 'URLSearchParams', 'WritableStream', 'WritableStreamDefaultController', 'WritableStreamDefaultWriter']) {
            const { prototype } = globalThis[name];
            for (const key of ownKeys(prototype)) {
                const descriptor = describe(prototype, key);
                if (spared.includes(key)) continue;
                for (const part of ['value', 'get', 'set']) {
                    const original = descriptor[part];
                    if (typeof original !== 'function') continue;
                    descriptor[part] = function () {
                        if (armed && depth > 0) touched[touched.length] = name + '.' + String(key);
                        depth++;
                        try { return apply(original, this, arguments); } finally { depth--; }
                    };
                }
                define(prototype, key, descriptor);
            }
        }
        const original = fetch;
        globalThis.fetch = function () { depth++; try { return apply(original, this, arguments); } finally { depth--; } };",
    );
}

/// A promise that is resolved with an object asks it for `then`: what is still the platform's must not be asked.
fn bytes_of_bodies_are_not_shown() {
    check_rows(&[(
        "to a getter of then",
        "const shown = [];
        const watch = (prototype) => Object.defineProperty(prototype, 'then', { configurable: true, get() { if (ArrayBuffer.isView(this) || this instanceof ArrayBuffer) shown.push(this.byteLength); return undefined; } });
        const bodies = () => [new Response(new Uint8Array(4)), new Response(new Blob(['abc'])), new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(2)); c.close(); } })), new Response('text')];
        watch(Object.prototype); watch(Uint8Array.prototype);
        for (const body of bodies()) await body.text();
        for (const body of bodies()) await body.blob();
        delete Object.prototype.then; delete Uint8Array.prototype.then;
        return shown;",
        "[]",
    )]);
}

fn inspecting_runs_no_getter() {
    check_rows(&[(
        "of Object.prototype",
        "const touched = [];
        const accessor = (object, key) => Object.defineProperty(object, key, { configurable: true, enumerable: true, get() { return 'own'; } });
        const values = [accessor({}, 'constructor'), accessor(() => {}, 'name'), accessor({}, Symbol.toStringTag), accessor(new Error('m'), 'stack'), accessor(class {}, 'name')];
        const cloned = [accessor(new Error('m'), 'message'), accessor(new Error('m'), 'cause'), accessor(new Error('m'), 'stack')];
        const columns = accessor(['a'], 0), options = accessor({}, 'depth');
        Object.defineProperty(Object.prototype, 'value', { configurable: true, get() { touched.push('value'); return 'inherited'; } });
        for (const value of values) console.log(value);
        console.table([{ a: 1 }], columns); console.dir({}, options);
        const copies = cloned.map((error) => structuredClone(error));
        delete Object.prototype.value;
        return [touched, copies.map((copy) => [copy.message, copy.cause])];",
        r#"[[],[["",null],["m",null],["m",null]]]"#,
    )]);
}

fn pipes_of_the_platform_end() {
    check_rows(&[(
        "whatever Object.prototype says",
        "Object.prototype.preventClose = true;
        const stream = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('<p>x</p>')); c.close(); } });
        const moved = await new Request(new Request('http://a/', { method: 'POST', body: stream, duplex: 'half' })).text();
        const rewritten = await new HTMLRewriter().on('p', { element(e) { e.append('y'); } }).transform(new Response('<p>x</p>')).text();
        delete Object.prototype.preventClose;
        return [moved, rewritten];",
        r#"["<p>x</p>","<p>xy</p>"]"#,
    )]);
}
