//! Web Cryptography against tenants who change things while it looks at them.

use crate::support::{Test, check_rows};

pub const TESTS: &[Test] = &[
    ("buffers_may_change_while_the_algorithm_is_read", changing_buffers),
    ("a_wrapped_jwk_is_made_and_read_as_in_a_realm_of_its_own", realms),
    ("getters_run_in_the_order_of_the_dictionaries", order),
    ("setters_of_array_prototype_see_no_keys", setters),
    ("keys_with_wrong_bytes_are_refused_or_used", wrong_bytes),
];

fn changing_buffers() {
    check_rows(&[
        (
            "data that is taken away is none",
            "const data = new Uint8Array(64), iv = new Uint8Array(16);
            const key = await crypto.subtle.generateKey({ name: 'AES-CBC', length: 128 }, false, ['encrypt']);
            const sealed = await crypto.subtle.encrypt({ name: 'AES-CBC', get iv() { data.buffer.transfer(); return iv; } }, key, data);
            return sealed.byteLength;",
            "16",
        ),
        (
            "data that shrinks is what is left",
            "const buffer = new ArrayBuffer(64, { maxByteLength: 64 }), tracking = new Uint8Array(buffer), fixed = new Uint8Array(buffer, 32, 32);
            const iv = new Uint8Array(16), results = [];
            const key = await crypto.subtle.generateKey({ name: 'AES-CBC', length: 128 }, false, ['encrypt']);
            for (const data of [tracking, fixed]) {
                buffer.resize(64);
                const algorithm = { name: 'AES-CBC', get iv() { buffer.resize(17); return iv; } };
                results.push((await crypto.subtle.encrypt(algorithm, key, data)).byteLength);
            }
            return results;",
            "[32,16]",
        ),
        (
            "parameters that are taken away are none",
            "const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
            const counted = await crypto.subtle.generateKey({ name: 'AES-CTR', length: 128 }, false, ['encrypt']);
            const iv = new Uint8Array(12), counter = new Uint8Array(16), data = new Uint8Array(4);
            const sealed = await failure(() => crypto.subtle.encrypt({ name: 'AES-GCM', iv, get tagLength() { iv.buffer.transfer(); return 128; } }, key, data));
            const other = await failure(() => crypto.subtle.encrypt({ name: 'AES-CTR', counter, get length() { counter.buffer.transfer(); return 64; } }, counted, data));
            return [sealed, other];",
            r#"["nothing","OperationError"]"#,
        ),
        (
            "a hash may take away the salt",
            "const salt = new Uint8Array(8), base = await crypto.subtle.importKey('raw', salt, 'HKDF', false, ['deriveBits']);
            const algorithm = { name: 'HKDF', info: new Uint8Array(0), salt, hash: { get name() { if (salt.length) salt.buffer.transfer(); return 'SHA-256'; } } };
            return (await crypto.subtle.deriveBits(algorithm, base, 64)).byteLength;",
            "8",
        ),
        (
            "key data may be taken away, a public exponent too, which is copied before the hash is read",
            "const data = new Uint8Array(16), publicExponent = new Uint8Array([1, 0, 1]);
            const imported = await failure(() => crypto.subtle.importKey('raw', data, { get name() { if (data.length) data.buffer.transfer(); return 'AES-CBC'; } }, true, ['encrypt']));
            const made = await failure(() => crypto.subtle.generateKey({ name: 'RSA-PSS', modulusLength: 1024, publicExponent, hash: { get name() { if (publicExponent.length) publicExponent.buffer.transfer(); return 'SHA-1'; } } }, true, ['sign']));
            return [imported, made];",
            r#"["DataError","nothing"]"#,
        ),
        (
            "a signature and its data may be the same buffer",
            "const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
            const both = new Uint8Array(32);
            return [await crypto.subtle.verify('HMAC', key, both, both), crypto.subtle.timingSafeEqual(both, both)];",
            "[false,true]",
        ),
    ]);
}

fn setters() {
    check_rows(&[(
        "key pairs and their numbers",
        "let caught = '', results = '';
        const see = async () => {
            for (const [name, uses] of [['ECDSA', ['sign', 'verify']], ['Ed25519', ['sign', 'verify']], ['X25519', ['deriveBits']]]) {
                const pair = await crypto.subtle.generateKey({ name, namedCurve: 'P-256' }, false, uses);
                const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
                results += [pair.privateKey.type, pair.publicKey.type, typeof jwk.x, jwk.d] + ';';
            }
        };
        await see();
        const before = results;
        results = '';
        for (let index = 0; index < 9; index++) {
            const set = function (value) {
                if (typeof value === 'object' || value.length > 10) caught += index;
                Object.defineProperty(this, index, { value, configurable: true, enumerable: true, writable: true });
            };
            Object.defineProperty(Array.prototype, index, { configurable: true, get() {}, set });
        }
        await see();
        for (let index = 0; index < 9; index++) delete Array.prototype[index];
        return [before, results === before, caught];",
        r#"["private,public,string,;private,public,string,;private,public,string,;",true,""]"#,
    )]);
}

fn realms() {
    check_rows(&[(
        "JSON",
        "const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey', 'decrypt']);
        const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 64 }, true, ['sign']);
        const seen = [], algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
        const see = (owner, name) => Object.defineProperty(owner, name, { configurable: true, get() { seen.push(name); }, set() { seen.push('set ' + name); } });
        see(Object.prototype, 'toJSON'); see(Array.prototype, 'toJSON'); see(String.prototype, 'toJSON');
        for (const name of ['use', 'crv', 'd', 'oth', 'x']) see(Object.prototype, name);
        const wrapped = await crypto.subtle.wrapKey('jwk', key, wrapping, algorithm);
        const { value: iterate } = Object.getOwnPropertyDescriptor(Array.prototype, Symbol.iterator);
        const usages = { *[Symbol.iterator]() { yield 'sign'; } };
        Array.prototype[Symbol.iterator] = function () { seen.push('iterator'); return iterate.call(this); };
        const unwrapped = await crypto.subtle.unwrapKey('jwk', wrapped, wrapping, algorithm, { __proto__: null, name: 'HMAC', hash: 'SHA-256' }, true, usages);
        Array.prototype[Symbol.iterator] = iterate;
        const found = seen.length;
        for (const name of ['toJSON', 'use', 'crv', 'd', 'oth', 'x']) delete Object.prototype[name];
        delete Array.prototype.toJSON; delete String.prototype.toJSON;
        return [found, unwrapped.algorithm.length];",
        "[0,64]",
    )]);
}

fn order() {
    check_rows(&[(
        "RsaHashedKeyGenParams",
        "const read = [];
        const algorithm = new Proxy({ name: 'rsa-pss', modulusLength: 1, publicExponent: new Uint8Array(1), hash: { get name() { read.push('hash.name'); return 'sha-1'; } } }, {
            get(target, key) { read.push(key); return target[key]; },
        });
        return [await failure(() => crypto.subtle.generateKey(algorithm, true, ['sign'])), read.join()];",
        r#"["OperationError","name,name,modulusLength,publicExponent,hash,hash.name,hash.name"]"#,
    )]);
}

/// Nothing but an error of the specification comes of it; a panic of an op fails the test by itself.
fn wrong_bytes() {
    check_rows(&[(
        "each byte of each key, changed in some ways",
        "const { subtle } = crypto, outcomes = new Set(), data = new Uint8Array(8);
        const rsa = { modulusLength: 1024, publicExponent: new Uint8Array([3]), hash: 'SHA-1' };
        const kinds = [
            { name: 'RSASSA-PKCS1-v1_5', ...rsa }, { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-1' }, { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-1' }, { name: 'Ed25519' },
        ];
        for (const algorithm of kinds) {
            const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
            const signature = await subtle.sign(algorithm, pair.privateKey, data);
            for (const [format, key, usage] of [['pkcs8', pair.privateKey, 'sign'], ['spki', pair.publicKey, 'verify']]) {
                const right = new Uint8Array(await subtle.exportKey(format, key));
                for (let at = 0; at < right.length; at++) {
                    for (const value of [0, 0x80, 0xff, right[at] ^ 1]) {
                        const wrong = right.slice();
                        wrong[at] = value;
                        outcomes.add(await failure(async () => {
                            const imported = await subtle.importKey(format, wrong, algorithm, false, [usage]);
                            await (usage === 'sign' ? subtle.sign(algorithm, imported, data) : subtle.verify(algorithm, imported, signature, data));
                        }));
                    }
                    outcomes.add(await failure(() => subtle.importKey(format, right.slice(0, at), algorithm, false, [usage])));
                }
            }
        }
        outcomes.delete('OperationError'); outcomes.delete('NotSupportedError');
        return [...outcomes].sort();",
        r#"["DataError","nothing"]"#,
    )]);
}
