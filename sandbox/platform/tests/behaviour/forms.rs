//! Forms as bodies: what large files cost, what a type says, what is no form.

use crate::support::{Body, Row, Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("types_are_read_as_types", || check_rows(TYPES)),
    ("forms_are_parsed", || check_rows(PARSED)),
    ("forms_are_written", || check_rows(WRITTEN)),
    ("large_files_are_sent_piece_by_piece_with_their_length", large),
];

/// A response of several pieces, then a subrequest with it: both say how long they are.
fn large() {
    let source = "
        const part = new Blob(['x'.repeat(50000)]);
        const form = new FormData();
        form.append('a', 'b');
        form.append('f', new File([part, part], 'name'));
        export default { async fetch(request) {
            const whole = new Response(form);
            const { size } = await whole.clone().blob();
            console.log(`${size}`);
            const response = await fetch('http://b.example/', { method: 'POST', body: new Blob([part, part, 'end']) });
            console.log(await response.text());
            return whole;
        } };";
    with_tenant(source, |tenant| {
        tenant.get();
        let said = tenant.said();
        let lengths: Vec<_> = said
            .iter()
            .filter_map(|said| match said {
                Said::Fetch { stream, body: Body::Follows(length), .. } => Some((*stream, *length)),
                _ => None,
            })
            .collect();
        assert_eq!(lengths, [(1, Some(100_003))], "{said:?}");
        let size = said
            .iter()
            .find_map(|said| match said {
                Said::Log { text, .. } => text.parse::<u64>().ok(),
                _ => None,
            })
            .expect("the size of the form");
        assert!(size > 100_000);
        let mut sent = chunks(&said);
        for _ in 0..2 {
            tenant.credit(1, 65_536);
            sent += chunks(&tenant.said());
        }
        assert_eq!(sent, 100_003);
        tenant.answer(1, insula_platform::Incoming::Whole(b"thanks"));
        let said = tenant.said();
        let length = said.iter().find_map(|said| match said {
            Said::Response { body: Body::Follows(length), .. } => Some(*length),
            _ => None,
        });
        assert_eq!(length, Some(Some(size)), "{said:?}");
    });
}

/// Bytes of the subrequest's body.
fn chunks(said: &[Said]) -> usize {
    said.iter()
        .map(|said| if let Said::Chunk { stream: 1, text } = said { text.len() } else { 0 })
        .sum()
}

const TYPES: &[Row<'_>] = &[
    (
        "of a blob that is read from a body",
        r#"const type = async (...given) => { const h = new Headers(); for (const g of given) h.append('content-type', g); return (await new Response('x', { headers: h }).blob()).type; };
        return [await type('Text/HTML; Charset=UTF-8'), await type('a/b;c="d e";c=f; g = h;i='), await type('a/b;c="\\"x'), await type('nothing'), await type('a/b, c/d'), await type('text/a;charset=x, text/a'), await type('text/a;charset=x, text/b'), await type('a/b', '*/*'), await type('a/b;x=",", , e/f'), await type('a b/c'), await type(';')];"#,
        r#"["text/html;charset=UTF-8","a/b;c=\"d e\"","a/b;c=\"\\\"x\"","","c/d","text/a;charset=x","text/b","a/b","e/f","",""]"#,
    ),
    (
        "of a form",
        r#"const body = '--b c\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n--b c--'; const read = (type) => new Response(body, { headers: { 'content-type': type } }).formData().then((f) => f.get('n'), (e) => e.name);
        return [await read('multipart/form-data; boundary="b c"'), await read('Multipart/Form-Data;BOUNDARY="b c";charset=x'), await read('multipart/form-data-x; boundary="b c"'), await read('multipart/form-data'), await read('multipart/form-data; boundary='), await read('text/plain, multipart/form-data; boundary="b c"')];"#,
        r#"["v","v","TypeError","TypeError","TypeError","v"]"#,
    ),
];

const PARSED: &[Row<'_>] = &[
    (
        "more pairs than are decoded at once, of both widths, and one that is longer",
        r#"const results = [];
        for (const [part, times] of [['a%20=ü+&', 30000], ['€%E2%82%AC=\ud83d\ude00&', 20000], [`x=${'%41'.repeat(70000)}&`, 2], ['&', 200000]]) {
            const params = new URLSearchParams(part.repeat(times) + '%41'), all = [...params], last = all.pop();
            results.push([all.length, new Set(all.map((pair) => pair.join())).size, all[0]?.[0], all.at(-1)?.[1].length, last.join()]);
        }
        return results;"#,
        r#"[[30000,1,"a ",2,"A,"],[20000,1,"€€",2,"A,"],[2,1,"x",70000,"A,"],[0,0,null,null,"A,"]]"#,
    ),
    (
        "files with what looks like a boundary in them, and with nothing",
        r#"const part = (name, file, body) => `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${file}"\r\nContent-Type: a/b\r\n\r\n${body}\r\n`;
        const body = part('x', 'y%22z', '\r\r\n\r\n-\r\n--\r\n--a\n--b\r--b\r\n--') + part('e', '', '') + '--b--\r\n'; const form = await new Response(body, { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData(); const x = form.get('x'), e = form.get('e');
        return [await x.text(), x.name, x.type, e.size, e.name, [...form.keys()]];"#,
        r#"["\r\r\n\r\n-\r\n--\r\n--a\n--b\r--b\r\n--","y\"z","a/b",0,"",["x","e"]]"#,
    ),
    (
        "a megabyte of line breaks",
        r#"const body = '--b\r\nContent-Disposition: form-data; name="n"; filename="f"\r\n\r\n' + '\r\n'.repeat(1 << 19) + '\r\n--b--'; const form = await new Response(body, { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData(); return form.get('n').size;"#,
        "1048576",
    ),
    (
        "cut off anywhere",
        r#"const whole = '--b\r\nContent-Disposition: form-data; name="n"\r\n\r\nv\r\n--b--'; const results = new Set(); for (let i = 0; i < whole.length; i++) results.add(await failure(() => new Response(whole.slice(0, i), { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData())); return [...results];"#,
        r#"["TypeError"]"#,
    ),
];

const WRITTEN: &[Row<'_>] = &[
    (
        "more than is encoded at once, and names that are empty",
        r#"const long = 'ü'.repeat(100000), text = new URLSearchParams([['', ''], ['', 'a b'], ['ü&=', long], ['\ud800', '']]).toString();
        return [text.slice(0, 29), text.length, text.slice(-13), new URLSearchParams(text).get('ü&=') === long];"#,
        r#"["=&=a+b&%C3%BC%26%3D=%C3%BC%C3",600031,"BC&%EF%BF%BD=",true]"#,
    ),
    (
        "line breaks of names and values, quotes, a file's name",
        r#"const form = new FormData(); form.append('a\nb"', 'c\rd\r\ne\nf'); form.append('x', new File(['\n'], 'g\r\nh"', { type: 'i/j' })); form.append('y', new Blob(['z']));
    const response = new Response(form); const boundary = response.headers.get('content-type').split('boundary=')[1]; return (await response.text()).replaceAll(boundary, 'B');"#,
        r#""--B\r\nContent-Disposition: form-data; name=\"a%0D%0Ab%22\"\r\n\r\nc\r\nd\r\ne\r\nf\r\n--B\r\nContent-Disposition: form-data; name=\"x\"; filename=\"g%0D%0Ah%22\"\r\nContent-Type: i/j\r\n\r\n\n\r\n--B\r\nContent-Disposition: form-data; name=\"y\"; filename=\"blob\"\r\nContent-Type: application/octet-stream\r\n\r\nz\r\n--B--\r\n""#,
    ),
];
