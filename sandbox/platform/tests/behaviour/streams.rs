//! Streams where they meet the rest of the platform, and corners that the standard's own tests
//! reach only in a browser.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] = &[
    ("sources_and_readers", sources),
    ("pipes_and_tees", pipes),
    ("text", text),
    ("transfer", transfer),
];

fn sources() {
    check_rows(SOURCES);
}

fn pipes() {
    check_rows(PIPES);
}

fn transfer() {
    check_rows(TRANSFER);
}

fn text() {
    check_rows(TEXT);
}

const SOURCES: &[Row<'_>] = &[
    (
        "from an array, an iterator and an async generator",
        "async function* g() { yield 1; yield Promise.resolve(2); } return [await chunks(ReadableStream.from([1, 2])), await chunks(ReadableStream.from(new Set('ab'))), await chunks(ReadableStream.from(g()))];",
        r#"[[1,2],["a","b"],[1,2]]"#,
    ),
    (
        "leaving a loop cancels",
        "let reason = 'none'; const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { reason = r ?? 'left'; } }); for await (const _ of s) break; return [reason, s.locked];",
        r#"["left",false]"#,
    ),
    (
        "leaving a loop over values keeps the stream on demand",
        "const s = ReadableStream.from([1, 2, 3]); for await (const _ of s.values({ preventCancel: true })) break; return chunks(s);",
        "[2,3]",
    ),
    (
        "a source that gives at once is pulled no more than asked",
        "let pulls = 0; const s = new ReadableStream({ pull(c) { pulls++; c.enqueue(pulls); } }, { highWaterMark: 2 }); await 0; await 0; await 0; const before = pulls; await s.getReader().read(); await 0; await 0; return [before, pulls];",
        "[2,3]",
    ),
    (
        "a released reader's reads reject",
        "const s = new ReadableStream(), r = s.getReader(); const reading = failure(() => r.read()), closed = failure(() => r.closed); r.releaseLock(); return [await reading, await closed, s.locked];",
        r#"["TypeError","TypeError",false]"#,
    ),
    (
        "byte reads fill the view that was lent",
        "const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } }); const r = s.getReader({ mode: 'byob' }); const lent = new Uint8Array(2); const a = await r.read(lent); const b = await r.read(new Uint8Array(8), { min: 1 }); const c = await r.read(new Uint8Array(1)); return [[...a.value], lent.length, [...b.value], c.done, c.value.length];",
        "[[1,2],0,[3],true,0]",
    ),
    (
        "a source can answer a byte read in place",
        "const s = new ReadableStream({ type: 'bytes', pull(c) { const { view } = c.byobRequest; view[0] = 9; c.byobRequest.respond(1); } }); const { value } = await s.getReader({ mode: 'byob' }).read(new Uint8Array(4)); return [...value];",
        "[9]",
    ),
    (
        "byte streams allocate for default readers when told to",
        "const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 4, pull(c) { const { view } = c.byobRequest; view[0] = view.byteLength; c.byobRequest.respond(1); } }); return [...(await s.getReader().read()).value];",
        "[4]",
    ),
    (
        "a detached or empty view is refused",
        "const s = new ReadableStream({ type: 'bytes' }), r = s.getReader({ mode: 'byob' }); const gone = new Uint8Array(1); structuredClone(gone, { transfer: [gone.buffer] }); return [await failure(() => r.read(gone)), await failure(() => r.read(new Uint8Array(0)))];",
        r#"["TypeError","TypeError"]"#,
    ),
    (
        "a strategy that throws fails the stream",
        "const s = new ReadableStream({ start(c) { try { c.enqueue(1); } catch {} } }, { size() { throw new RangeError(); } }); return failure(() => s.getReader().read());",
        r#""RangeError""#,
    ),
    (
        "arguments are checked",
        "return [await failure(() => new ReadableStream({ type: 'x' })), await failure(() => new ReadableStream({}, { highWaterMark: -1 })), await failure(() => new ReadableStream({ type: 'bytes' }, { size: () => 1 })), await failure(() => new ReadableStream().getReader({ mode: 'x' })), await failure(() => new WritableStream({ type: 'bytes' })), await failure(() => new ReadableStreamDefaultController())];",
        r#"["TypeError","RangeError","RangeError","TypeError","RangeError","TypeError"]"#,
    ),
];

const PIPES: &[Row<'_>] = &[
    (
        "a chain of transforms",
        "const twice = () => new TransformStream({ transform(n, c) { c.enqueue(2 * n); } }); return chunks(ReadableStream.from([1, 2]).pipeThrough(twice()).pipeThrough(twice()));",
        "[4,8]",
    ),
    (
        "flush may add",
        "return chunks(ReadableStream.from([1]).pipeThrough(new TransformStream({ flush(c) { c.enqueue('end'); } })));",
        r#"[1,"end"]"#,
    ),
    (
        "an error goes both ways",
        "let aborted, cancelled; const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { cancelled = r; } }); const result = await failure(() => s.pipeTo(new WritableStream({ write() { throw 'sink'; }, abort(r) { aborted = r; } }))); return [result, cancelled, aborted];",
        r#"["sink","sink",null]"#,
    ),
    (
        "a pipe can be aborted",
        "const c = new AbortController(), seen = []; const s = new ReadableStream({ pull: () => new Promise(() => {}), cancel: (r) => { seen.push('cancel ' + r); } }); const piping = failure(() => s.pipeTo(new WritableStream({ abort: (r) => { seen.push('abort ' + r); } }), { signal: c.signal })); c.abort('why'); return [await piping, ...seen.sort()];",
        r#"["why","abort why","cancel why"]"#,
    ),
    (
        "prevent options leave the other end open",
        "const sink = []; const w = new WritableStream({ write: (x) => { sink.push(x); } }); await ReadableStream.from([1]).pipeTo(w, { preventClose: true }); const writer = w.getWriter(); await writer.write(2); await writer.close(); return sink;",
        "[1,2]",
    ),
    (
        "a slow sink slows its source",
        "let given = 0, most = 0, taken = 0; const s = new ReadableStream({ pull(c) { if (given === 20) c.close(); else { c.enqueue(++given); most = Math.max(most, given - taken); } } }, { highWaterMark: 1 }); await s.pipeTo(new WritableStream({ async write() { await new Promise((r) => setTimeout(r, 1)); taken++; } }, { highWaterMark: 2 })); return [taken, most <= 4];",
        "[20,true]",
    ),
    (
        "a writer learns when there is room",
        "const w = new WritableStream({ write: () => new Promise((r) => setTimeout(r, 1)) }, { highWaterMark: 1 }).getWriter(); const sizes = [w.desiredSize]; const writing = w.write(1); sizes.push(w.desiredSize); await w.ready; sizes.push(w.desiredSize); await writing; return sizes;",
        "[1,0,1]",
    ),
    (
        "both branches of a tee get everything",
        "const [a, b] = ReadableStream.from([1, 2]).tee(); return [await chunks(a), await chunks(b)];",
        "[[1,2],[1,2]]",
    ),
    (
        "cancelling one branch does not disturb the other",
        "let cancelled = false; const s = new ReadableStream({ start(c) { c.enqueue(1); c.close(); }, cancel() { cancelled = true; } }); const [a, b] = s.tee(); a.cancel(); return [await chunks(b), cancelled];",
        "[[1],false]",
    ),
    (
        "a transform that is terminated ends its reader and fails its writer",
        "const t = new TransformStream({ transform(x, c) { c.enqueue(x); c.terminate(); } }); const w = t.writable.getWriter(); const all = chunks(t.readable); await w.write(1); return [await all, await failure(() => w.write(2))];",
        r#"[[1],"TypeError"]"#,
    ),
];

const TEXT: &[Row<'_>] = &[
    (
        "characters that chunks cut in two",
        "const bytes = new TextEncoder().encode('a\\u00e9\\u{1f600}b'); const parts = [...bytes].map((b) => new Uint8Array([b])); return (await chunks(ReadableStream.from(parts).pipeThrough(new TextDecoderStream()))).join('');",
        "\"aé😀b\"",
    ),
    (
        "surrogates that chunks cut in two",
        "const all = await chunks(ReadableStream.from(['\\ud83d', '\\ude00', '\\ud83d']).pipeThrough(new TextEncoderStream())); return all.map((c) => [...c]);",
        "[[240,159,152,128],[239,191,189]]",
    ),
    (
        "what is cut off at the end",
        "const decode = (options) => chunks(ReadableStream.from([new Uint8Array([0xe2, 0x82])]).pipeThrough(new TextDecoderStream('utf-8', options))); return [await decode({}), await failure(() => decode({ fatal: true }))];",
        "[[\"\u{fffd}\"],\"TypeError\"]",
    ),
    (
        "encodings other than UTF-8",
        "const decode = (label, ...bytes) => new TextDecoder(label).decode(new Uint8Array(bytes)); return [decode('latin1', 0xe9, 0x80), decode('utf-16le', 0x61, 0, 0x3d, 0xd8, 0, 0xde), decode('shift_jis', 0x82, 0xa0), decode('koi8-r', 0xc1), await failure(() => new TextDecoder('replacement')), await failure(() => new TextDecoder('x'))];",
        "[\"é€\",\"a😀\",\"あ\",\"а\",\"RangeError\",\"RangeError\"]",
    ),
    (
        "a decoder that streams keeps its state, and forgets it at the end",
        "const d = new TextDecoder(); return [d.decode(new Uint8Array([0xef, 0xbb]), { stream: true }), d.decode(new Uint8Array([0xbf, 0x61])), d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x62]))];",
        r#"["","a","b"]"#,
    ),
    (
        "encodeInto writes whole characters only",
        "const into = new Uint8Array(4); const r = new TextEncoder().encodeInto('a\\u00e9\\u20ac', into); return [r.read, r.written, [...into]];",
        "[2,3,[97,195,169,0]]",
    ),
    (
        "base64 as the standard forgives it",
        "return [atob(' Y W\\n I= '), atob('YWI'), await failure(() => atob('Y')), await failure(() => atob('YW=')), btoa('\\xff'), await failure(() => btoa('\\u0100'))];",
        r#"["ab","ab","InvalidCharacterError","InvalidCharacterError","/w==","InvalidCharacterError"]"#,
    ),
];

const TRANSFER: &[Row<'_>] = &[
    (
        "a readable stream goes on elsewhere, with clones of its chunks",
        "const part = { n: 1 }; const s = new ReadableStream({ start(c) { c.enqueue(part); c.enqueue(2); c.close(); } }); const { t } = structuredClone({ t: s }, { transfer: [s] }); const { locked } = s; const got = await chunks(t); return [t instanceof ReadableStream, locked, got, got[0] !== part];",
        r#"[true,true,[{"n":1},2],true]"#,
    ),
    (
        "only as much is pulled as is asked for",
        "let pulls = 0; const s = new ReadableStream({ pull(c) { pulls++; c.enqueue(pulls); } }, { highWaterMark: 0 }); const t = structuredClone(s, { transfer: [s] }); await new Promise((r) => setTimeout(r, 5)); const idle = pulls; const reader = t.getReader(); await reader.read(); await reader.read(); await new Promise((r) => setTimeout(r, 5)); return [idle, pulls];",
        "[1,3]",
    ),
    (
        "errors and cancellation cross",
        "let reason; const s = new ReadableStream({ cancel(r) { reason = r.message; } }), e = new ReadableStream({ start(c) { c.error(new RangeError('no')); } }), f = new ReadableStream({ pull(c) { c.enqueue(() => {}); }, cancel(r) { reason += r.name; } });
        const [a, b, c] = structuredClone([s, e, f], { transfer: [s, e, f] }); await a.cancel(new Error('enough')); const names = [await failure(() => b.getReader().read()), await failure(() => c.getReader().read())]; await new Promise((r) => setTimeout(r, 5)); return [reason, ...names];",
        r#"["enoughDataCloneError","RangeError","DataCloneError"]"#,
    ),
    (
        "a writable stream takes from elsewhere",
        "const got = []; const s = new WritableStream({ write(x) { got.push(x); }, close() { got.push('closed'); } }); const t = structuredClone(s, { transfer: [s] }), { locked } = s; const w = t.getWriter(); await w.write('a'); await w.write({ b: 1 }); await w.close(); await new Promise((r) => setTimeout(r, 5)); return [locked, got];",
        r#"[true,["a",{"b":1},"closed"]]"#,
    ),
    (
        "both ends of a transform, through a port",
        "const s = new TransformStream({ transform(x, c) { c.enqueue(x * 2); } }); const { port1, port2 } = new MessageChannel(); port1.postMessage(s, [s]); const locked = s.readable.locked && s.writable.locked; const t = await new Promise((r) => { port2.onmessage = (e) => r(e.data); });
        const w = t.writable.getWriter(); const read = chunks(t.readable); w.write(1); w.write(2); w.close(); return [t instanceof TransformStream, await read, locked];",
        "[true,[2,4],true]",
    ),
    (
        "locked or gone, none can be transferred",
        "const locked = new ReadableStream(), half = new TransformStream(), twice = new ReadableStream(), written = new WritableStream(); locked.getReader(); half.writable.getWriter(); written.getWriter(); structuredClone(twice, { transfer: [twice] });
        return Promise.all([locked, half, twice, written].map((s) => failure(() => structuredClone(s, { transfer: [s] })))); ",
        r#"["DataCloneError","DataCloneError","DataCloneError","DataCloneError"]"#,
    ),
];
