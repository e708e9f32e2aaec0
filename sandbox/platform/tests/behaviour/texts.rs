//! Texts that are longer than the pieces in which they are converted, and places that are shorter than a text.

use crate::support::{Test, check_rows};

pub const TESTS: &[Test] =
    &[("long_texts_are_converted_whole", long), ("a_place_takes_what_fits", short)];

fn long() {
    check_rows(&[
        (
            "buffers of all encodings",
            "const { Buffer } = await import('node:buffer'), results = [];
            const text = 'aé\\u{1F600}'.repeat(700000), bytes = Buffer.from(text);
            for (const encoding of ['utf8', 'utf16le', 'hex', 'base64', 'base64url', 'latin1']) {
                const written = bytes.toString(encoding), read = Buffer.from(written, encoding);
                results.push(read.equals(bytes) || encoding + read.length);
                if (encoding === 'base64') results.push(Buffer.from(' ' + written, encoding).equals(bytes), Buffer.from('€' + written + '=x', encoding).equals(bytes));
                if (encoding === 'hex') results.push(Buffer.from(written + '€', encoding).equals(bytes), Buffer.from(written.slice(0, 3000001) + 'x' + written, encoding).length);
            }
            return results;",
            "[true,true,true,true,1500000,true,true,true,true,true]",
        ),
        (
            "old encodings, with characters across the pieces",
            "const results = [];
            for (const [label, unit, text] of [['shift_jis', [0x61, 0x82, 0xa0], 'aあ'], ['gb18030', [0x61, 0x81, 0x30, 0x81, 0x30], 'a\\x80'], ['utf-16le', [0x61, 0, 0x3d, 0xd8, 0, 0xde], 'a\\u{1F600}']]) {
                const bytes = new Uint8Array(unit.length * 500000);
                for (let i = 0; i < bytes.length; i++) bytes[i] = unit[i % unit.length];
                results.push(new TextDecoder(label, { fatal: true }).decode(bytes) === text.repeat(500000));
                results.push(new TextDecoder(label).decode(bytes.subarray(0, bytes.length - 1)).at(-1) === '\\ufffd');
                results.push(await failure(() => new TextDecoder(label, { fatal: true }).decode(bytes.subarray(0, bytes.length - 1))));
            }
            return results;",
            r#"[true,true,"TypeError",true,true,"TypeError",true,true,"TypeError"]"#,
        ),
    ]);
}

fn short() {
    check_rows(&[
        (
            "encodeInto",
            "const encoder = new TextEncoder(), results = [];
            for (const [text, room] of [['é'.repeat(5), 3], ['a€', 3], ['a€', 4], ['\\ud83d\\ude00b', 3], ['\\ud83d\\ude00b', 5], ['\\ud83d', 3], ['ab', 0], ['', 4], ['x'.repeat(5000), 2000]]) {
                const target = new Uint8Array(room + 1).fill(7), { read, written } = encoder.encodeInto(text, target.subarray(0, room));
                results.push([read, written, target.subarray(written).every((byte) => byte === 7)].join());
            }
            return results;",
            r#"["1,2,true","1,1,true","2,4,true","0,0,true","3,5,true","1,3,true","0,0,true","0,0,true","2000,2000,true"]"#,
        ),
        (
            "write",
            "const { Buffer } = await import('node:buffer'), results = [];
            for (const [text, encoding] of [['a€b', 'utf8'], ['\\ud83d\\ude00', 'utf8'], ['abc', 'utf16le'], ['616263646566', 'hex'], ['61x2', 'hex'], ['YWJjZGVm', 'base64'], ['YW Jj*ZGVm', 'base64'], ['abcdef', 'latin1']]) {
                for (const room of [0, 1, 3, 4, 5]) {
                    const target = Buffer.alloc(6, 7);
                    results.push(target.write(text, 1, room, encoding) + target.toString('hex'));
                }
            }
            return results.join();",
            WRITTEN_BY_NODE,
        ),
    ]);
}

const WRITTEN_BY_NODE: &str = "\"0070707070707,1076107070707,1076107070707,40761e282ac07,50761e282ac62,0070707070707,0070707070707,0070707070707,407f09f988007,407f09f988007,0070707070707,0070707070707,2076100070707,4076100620007,4076100620007,0070707070707,1076107070707,3076162630707,4076162636407,5076162636465,0070707070707,1076107070707,1076107070707,1076107070707,1076107070707,0070707070707,1076107070707,3076162630707,4076162636407,5076162636465,0070707070707,1076107070707,3076162630707,4076162636407,5076162636465,0070707070707,1076107070707,3076162630707,4076162636407,5076162636465\"";
