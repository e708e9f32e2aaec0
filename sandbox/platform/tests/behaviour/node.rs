//! Modules of Node.js that are first used after a tenant has changed the language's built-ins.

use crate::support::{Said, Test, check_rows, with_tenant};

pub const TESTS: &[Test] = &[
    ("changed_methods_are_not_called", changed),
    ("a_console_that_writes_to_standard_output_ends", console_to_output),
];

fn console_to_output() {
    let source = "export default { fetch() {
        console.group();
        console.log = (...values) => process.stdout.write(values.join(' ') + '\\n');
        console.error = (value) => process.stderr.write(`${value}\\n`);
        console.log('a', 'b'); console.error('c'); process.stdout.write('d\\ne\\n');
        return new Response();
    } };";
    with_tenant(source, |tenant| {
        tenant.get();
        let lines: Vec<String> = tenant
            .said()
            .into_iter()
            .filter_map(|said| match said {
                Said::Log { text, .. } => Some(text),
                _ => None,
            })
            .collect();
        assert_eq!(lines, ["a b", "c", "d", "e"]);
    });
}

/// Makes the methods of the language's classes useless.
const SPOIL: &str = "
    for (const owner of [Array.prototype, String.prototype, Map.prototype, Set.prototype, RegExp.prototype, Number.prototype, Uint8Array.prototype.__proto__, WeakMap.prototype]) {
        for (const key of Reflect.ownKeys(owner)) {
            const descriptor = Object.getOwnPropertyDescriptor(owner, key);
            if (key === 'constructor' || key === Symbol.iterator || typeof descriptor.value !== 'function') continue;
            Object.defineProperty(owner, key, { ...descriptor, value() { throw new Error('changed'); } });
        }
    }
    const use = process.getBuiltinModule;
";

fn changed() {
    let rows = [
        (
            "Buffer",
            "return Buffer.concat([Buffer.from('a€'), Buffer.from('ff', 'hex')]).toString('hex')",
            r#""61e282acff""#,
        ),
        (
            "numbers",
            "const b = Buffer.alloc(8); b.writeDoubleBE(1.5); return b.readDoubleBE()",
            r#"1.5"#,
        ),
        (
            "events",
            "const e = new (use('events'))(); let n = 0; e.once('x', (a) => { n += a; }); e.emit('x', 2); e.emit('x', 2); return n",
            r#"2"#,
        ),
        ("inspect", "return use('util').inspect({ a: [1, 'x'] })", r#""{ a: [ 1, 'x' ] }""#),
        ("format", "return use('util').format('%s:%d', 'a', 5)", r#""a:5""#),
        ("path", "return use('path').join('/a', '..', 'b')", r#""/b""#),
        (
            "crypto",
            "return use('crypto').createHash('sha1').update('abc').digest('hex')",
            r#""a9993e364706816aba3e25717850c26c9cd0d89d""#,
        ),
        ("querystring", "return use('querystring').stringify({ a: 'b c' })", r#""a=b%20c""#),
        ("url", "return use('url').resolve('http://a/b/c', '../d')", r#""http://a/d""#),
        (
            "zlib",
            "const z = use('zlib'); return z.gunzipSync(z.gzipSync('packed')).toString()",
            r#""packed""#,
        ),
        (
            "stream",
            "const { PassThrough } = use('stream'); const s = new PassThrough(); s.end('through'); return s.read().toString()",
            r#""through""#,
        ),
    ];
    let spoiled: Vec<String> = rows.iter().map(|(_, code, _)| format!("{SPOIL} {code}")).collect();
    let spoiled: Vec<_> = rows
        .iter()
        .zip(&spoiled)
        .map(|((what, _, expected), code)| (*what, code.as_str(), *expected))
        .collect();
    check_rows(&spoiled);
}
