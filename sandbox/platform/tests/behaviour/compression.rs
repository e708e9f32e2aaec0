//! Compression and decompression, against data that other implementations made.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] = &[
    ("what_others_compressed_is_decompressed", || check(FOREIGN)),
    ("what_is_compressed_comes_back", || check(ROUND_TRIPS)),
    ("bad_data_is_refused", || check(BAD_DATA)),
    ("a_small_input_with_a_large_output_waits_for_its_reader", || check(BOMBS)),
    ("interfaces_are_as_specified", || check(INTERFACES)),
];

const HELPERS: &str = "
    const formats = ['brotli', 'deflate', 'deflate-raw', 'gzip'];
    const hex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const through = async (stream, ...parts) => {
        const writer = stream.writable.getWriter();
        for (const part of parts) writer.write(part).catch(() => {});
        writer.close().catch(() => {});
        return new Uint8Array(await new Response(stream.readable).arrayBuffer());
    };
    const compressed = (format, ...parts) => through(new CompressionStream(format), ...parts);
    const decompressed = async (format, ...parts) => new TextDecoder().decode(await through(new DecompressionStream(format), ...parts));
    const encode = (text) => new TextEncoder().encode(text);
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

const FOREIGN: &[Row<'_>] = &[
    (
        "gzip with a file's name in its head",
        "return decompressed('gzip', hex('1f8b08080000000002ff6e616d652e74787400cb48cdc9c95728cf2fca49e102002d3b08af0c000000'));",
        r#""hello world\n""#,
    ),
    (
        "deflate, which is zlib's format",
        "return decompressed('deflate', hex('789ccb48cdc9c95728cf2fca49e102001e720467'));",
        r#""hello world\n""#,
    ),
    (
        "deflate-raw",
        "return decompressed('deflate-raw', hex('cb48cdc9c95728cf2fca49e10200'));",
        r#""hello world\n""#,
    ),
    (
        "brotli",
        "return decompressed('brotli', hex('8b058068656c6c6f20776f726c640a03'));",
        r#""hello world\n""#,
    ),
    (
        "one byte at a time",
        "const all = hex('cb48cdc9c95728cf2fca49e10200'); return decompressed('deflate-raw', ...Array.from(all, (byte) => Uint8Array.of(byte)));",
        r#""hello world\n""#,
    ),
    (
        "from a buffer, another kind of view and an empty chunk between",
        "const all = hex('cb48cdc9c95728cf2fca49e10200'); return decompressed('deflate-raw', all.buffer.slice(0, 3), new Uint8Array(), new DataView(all.buffer, 3));",
        r#""hello world\n""#,
    ),
];

const ROUND_TRIPS: &[Row<'_>] = &[
    (
        "nothing at all",
        "return Promise.all(formats.map(async (f) => (await decompressed(f, await compressed(f))) === ''));",
        "[true,true,true,true]",
    ),
    (
        "chunks of many sizes",
        "const parts = []; for (let i = 0; i < 60; i++) parts.push(encode('abcdefg '.repeat(i * i))); const whole = parts.map((p) => new TextDecoder().decode(p)).join(''); return Promise.all(formats.map(async (f) => { const c = await compressed(f, ...parts); return c.length < whole.length / 50 && (await decompressed(f, c)) === whole; }));",
        "[true,true,true,true]",
    ),
    (
        "what cannot be compressed, in one chunk of many steps",
        "const noise = new Uint8Array(1 << 20); for (let i = 0; i < 16; i++) crypto.getRandomValues(noise.subarray(i << 16, i + 1 << 16)); return Promise.all(formats.map(async (f) => { const back = await through(new DecompressionStream(f), await compressed(f, noise)); return back.length === noise.length && back.every((byte, i) => byte === noise[i]); }));",
        "[true,true,true,true]",
    ),
    (
        "through a pipe, as a response's body",
        "const body = new Response('piped').body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')); return new Response(body).text();",
        r#""piped""#,
    ),
];

const BAD_DATA: &[Row<'_>] = &[
    (
        "cut off anywhere",
        "const results = {}; for (const f of formats) { const whole = await compressed(f, encode('cut me')); for (let i = 0; i < whole.length; i++) { const result = await failure(() => decompressed(f, whole.slice(0, i))); results[result] = (results[result] ?? 0) + 1; } } return Object.keys(results);",
        r#"["TypeError"]"#,
    ),
    (
        "something after the end, in the same chunk, in the next, and a second member",
        "const results = {}; for (const f of formats) { const whole = await compressed(f, encode('x')); for (const parts of [[Uint8Array.of(...whole, 0)], [whole, Uint8Array.of(0)], [whole, whole]]) results[await failure(() => decompressed(f, ...parts))] = true; } return Object.keys(results);",
        r#"["TypeError"]"#,
    ),
    (
        "what came before the end is given before the error",
        "const whole = await compressed('gzip', encode('early')); const s = new DecompressionStream('gzip'); const writing = s.writable.getWriter().write(Uint8Array.of(...whole, 1)).catch((e) => e.name); const reader = s.readable.getReader(); const { value } = await reader.read(); return [new TextDecoder().decode(value), await failure(() => reader.read()), await writing];",
        r#"["early","TypeError","TypeError"]"#,
    ),
    (
        "a byte changed: head, data, checksum, length",
        "const whole = await compressed('gzip', encode('checked')); const results = []; for (const at of [0, 2, 12, whole.length - 8, whole.length - 1]) { const bad = whole.slice(); bad[at] ^= 0x55; results.push(await failure(() => decompressed('gzip', bad))); } return results;",
        r#"["TypeError","TypeError","TypeError","TypeError","TypeError"]"#,
    ),
    (
        "data that asks for a dictionary",
        "return failure(() => decompressed('deflate', hex('78bb1a0b045dcb4030b9001e720467')));",
        r#""TypeError""#,
    ),
    (
        "chunks that are no bytes",
        "const results = []; for (const make of [() => new CompressionStream('gzip'), () => new DecompressionStream('gzip')]) for (const chunk of [undefined, null, 3, 'text', {}, [1], new Blob(['x'])]) results.push(await failure(() => through(make(), chunk))); return [results.length, [...new Set(results)]];",
        r#"[14,["TypeError"]]"#,
    ),
];

const BOMBS: &[Row<'_>] = &[
    (
        "one chunk is given as it is read",
        "const bombs = {}; const zeros = new Uint8Array(1 << 20); for (const f of formats) { const small = await compressed(f, ...Array(20).fill(zeros)); const s = new DecompressionStream(f); let written = false; s.writable.getWriter().write(small).then(() => { written = true; }); const reader = s.readable.getReader(); let most = 0, total = 0; for (let i = 0; i < 20; i++) { const { value } = await reader.read(); most = Math.max(most, value.length); total += value.length; } bombs[f] = [small.length < 100_000, most <= 65536, total < 2e6, written]; } return Object.values(bombs);",
        "[[true,true,true,false],[true,true,true,false],[true,true,true,false],[true,true,true,false]]",
    ),
    (
        "the chunk's bytes may change meanwhile",
        "const small = await compressed('gzip', ...Array(4).fill(new Uint8Array(1 << 20))); const s = new DecompressionStream('gzip'); const w = s.writable.getWriter(); w.write(small); w.close(); const reader = s.readable.getReader(); let total = (await reader.read()).value.length; small.fill(0xff); structuredClone(small.buffer, { transfer: [small.buffer] }); for (;;) { const { value, done } = await reader.read(); if (done) break; total += value.length; } return total;",
        "4194304",
    ),
    (
        "the reader leaves in the middle",
        "const small = await compressed('gzip', ...Array(4).fill(new Uint8Array(1 << 20))); const s = new DecompressionStream('gzip'); const w = s.writable.getWriter(); const writing = failure(() => w.write(small)), closing = failure(() => w.close()); const reader = s.readable.getReader(); await reader.read(); await reader.cancel('left'); return [await writing, await closing, (await reader.read()).done];",
        r#"["nothing","left",true]"#,
    ),
    (
        "the writer gives up in the middle",
        "const small = await compressed('gzip', ...Array(4).fill(new Uint8Array(1 << 20))); const s = new DecompressionStream('gzip'); const w = s.writable.getWriter(); const writing = failure(() => w.write(small)); const reader = s.readable.getReader(); await reader.read(); await w.abort('gave up'); return [await writing, await failure(() => reader.read())];",
        r#"["nothing","gave up"]"#,
    ),
];

const INTERFACES: &[Row<'_>] = &[
    (
        "formats",
        "const results = []; for (const f of [undefined, 'a', 'GZIP', 'zstd']) results.push(await failure(() => new CompressionStream(f)), await failure(() => new DecompressionStream(f))); return [results.length, [...new Set(results)], await failure(() => new CompressionStream()), await failure(() => CompressionStream('gzip'))];",
        r#"[8,["TypeError"],"TypeError","TypeError"]"#,
    ),
    (
        "names and members",
        "const s = new DecompressionStream('gzip'); return [String(s), String(new CompressionStream({ toString: () => 'gzip' })), CompressionStream.length, Object.keys(CompressionStream.prototype), s.readable instanceof ReadableStream, s.writable instanceof WritableStream, s.readable === s.readable];",
        r#"["[object DecompressionStream]","[object CompressionStream]",1,["readable","writable"],true,true,true]"#,
    ),
    (
        "no other object has its getters",
        "const { get } = Object.getOwnPropertyDescriptor(CompressionStream.prototype, 'readable'); return failure(() => get.call(new DecompressionStream('gzip')));",
        r#""TypeError""#,
    ),
];
