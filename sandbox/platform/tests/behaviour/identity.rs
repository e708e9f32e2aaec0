//! IdentityTransformStream and FixedLengthStream.

use crate::support::{Body, Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("bytes", bytes),
    ("a_response_of_fixed_length_is_sent_with_it", announced),
    ("a_length_may_be_above_4_gib", long),
];

fn bytes() {
    check_rows(BYTES);
}

const BYTES: &[Row<'_>] = &[
    (
        "bytes go through, and a write waits for its reader",
        "const { readable, writable } = new IdentityTransformStream(), w = writable.getWriter(), seen = []; const chunk = new Uint8Array([1, 2, 3]); const written = w.write(chunk).then(() => seen.push('written')); await new Promise((r) => setTimeout(r, 2)); seen.push('before'); const r = readable.getReader({ mode: 'byob' }); const a = await r.read(new Uint8Array(2)); await written; const b = await r.read(new Uint8Array(8)); w.write(new Uint8Array([4]).buffer); const c = await r.read(new Uint8Array(8)); w.close(); const d = await r.read(new Uint8Array(1)); return [seen, [...a.value], [...b.value], [...c.value], d.done];",
        r#"[["before","written"],[1,2],[3],[4],true]"#,
    ),
    (
        "as a pipe",
        "const t = new IdentityTransformStream(); const piped = new Blob(['hello']).stream().pipeTo(t.writable); const text = await new Response(t.readable).text(); await piped; return [text, t instanceof TransformStream, Object.prototype.toString.call(t)];",
        r#"["hello",true,"[object IdentityTransformStream]"]"#,
    ),
    (
        "what is no bytes is refused",
        "const { readable, writable } = new IdentityTransformStream(), w = writable.getWriter(); const read = failure(() => readable.getReader().read()); return [await failure(() => w.write('text')), await read];",
        r#"["TypeError","TypeError"]"#,
    ),
    (
        "cancelling and aborting cross",
        "const a = new IdentityTransformStream(), w = a.writable.getWriter(); const writing = failure(() => w.write(new Uint8Array(1))); await null; await a.readable.cancel(new RangeError()); const b = new IdentityTransformStream(); const reading = failure(() => b.readable.getReader().read()); await b.writable.abort(new SyntaxError()); return [await writing, await failure(() => w.closed), await reading];",
        r#"["RangeError","RangeError","SyntaxError"]"#,
    ),
    (
        "a fixed length is kept",
        "const fill = async (length, ...sizes) => { const t = new FixedLengthStream(length), w = t.writable.getWriter(); const read = failure(() => new Response(t.readable).text()); const wrote = failure(async () => { for (const size of sizes) await w.write(new Uint8Array(size)); await w.close(); }); return [await wrote, await read]; };
        return [await fill(3, 1, 2), await fill(3n, 4), await fill(3, 1), await fill(0), await failure(() => new FixedLengthStream(-1)), await failure(() => new FixedLengthStream()), await failure(() => new FixedLengthStream('x'))];",
        r#"[["nothing","nothing"],["TypeError","TypeError"],["TypeError","TypeError"],["nothing","nothing"],"TypeError","TypeError","TypeError"]"#,
    ),
];

fn announced() {
    let source = "export default { fetch() {
        const { readable, writable } = new FixedLengthStream(5);
        const writer = writable.getWriter();
        writer.write(new TextEncoder().encode('hello'));
        writer.close();
        return new Response(readable);
    } };";
    with_tenant(source, |tenant| {
        tenant.get();
        tenant.run();
        let said = tenant.said();
        let length = said.iter().find_map(|said| match said {
            Said::Response { body: Body::Follows(length), .. } => *length,
            _ => None,
        });
        assert_eq!(length, Some(5), "{said:?}");
        assert!(said.contains(&Said::Chunk { stream: 2, text: "hello".to_owned() }), "{said:?}");
    });
}

fn long() {
    let source =
        "export default { fetch: () => new Response(new FixedLengthStream(2 ** 33).readable) };";
    with_tenant(source, |tenant| {
        tenant.get();
        let said = tenant.said();
        assert!(
            matches!(&said[0], Said::Response { body: Body::Follows(Some(length)), .. } if *length == 1 << 33),
            "{said:?}"
        );
    });
}
