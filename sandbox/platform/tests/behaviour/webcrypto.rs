//! Web Cryptography: what it computes, against published vectors, and what keys let be done with them.

use crate::support::{Test, check_rows};

pub const TESTS: &[Test] = &[
    ("derivations_are_the_published_ones", derivations),
    ("ciphers_are_the_published_ones", ciphers),
    ("signatures_are_the_published_ones", signatures),
    ("every_kind_of_key_goes_through_its_formats", formats),
    ("keys_do_what_they_are_for_and_no_more", usages),
    ("what_is_out_of_bounds_fails", bounds),
    ("a_digest_stream_hashes_what_is_written", digest_streams),
];

/// What the rows share.
const PRELUDE: &str = "
    const { subtle } = crypto;
    const hex = (buffer) => new Uint8Array(buffer).toHex();
    const un = (text) => Uint8Array.fromHex(text);
    const utf8 = (text) => new TextEncoder().encode(text);
    const secret = (data, algorithm, ...usages) => subtle.importKey('raw', data, algorithm, false, usages);
";

fn check(rows: &[(&str, &str, &str)]) {
    for (what, code, wanted) in rows {
        check_rows(&[(what, &format!("{PRELUDE}{code}"), &format!("{wanted:?}"))]);
    }
}

fn derivations() {
    check(&[
        (
            "HKDF of RFC 5869, A.1",
            "const base = await secret(un('0b'.repeat(22)), 'HKDF', 'deriveBits');
            const info = un('f0f1f2f3f4f5f6f7f8f9'), salt = un('000102030405060708090a0b0c');
            return hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', info, salt }, base, 336));",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            "PBKDF2 of RFC 6070, iterated 4096 times",
            "const base = await secret(utf8('password'), 'PBKDF2', 'deriveBits');
            const parameters = { name: 'PBKDF2', hash: 'SHA-1', salt: utf8('salt'), iterations: 4096 };
            return hex(await subtle.deriveBits(parameters, base, 160));",
            "4b007901b765489abead49d926f721d065a429c1",
        ),
        (
            "PBKDF2 of RFC 6070, longer than a block",
            "const base = await secret(utf8('passwordPASSWORDpassword'), 'PBKDF2', 'deriveBits');
            const salt = utf8('saltSALTsaltSALTsaltSALTsaltSALTsalt');
            return hex(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt, iterations: 4096 }, base, 200));",
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
        (
            "X25519 of RFC 7748, 5.2",
            "const pkcs8 = un('302e020100300506032b656e04220420' + 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
            const mine = await subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
            const theirs = await subtle.importKey('raw', un('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'), 'X25519', true, []);
            return hex(await subtle.deriveBits({ name: 'X25519', public: theirs }, mine, null));",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "both sides of an agreement find the same",
            "const results = [];
            for (const algorithm of [{ name: 'ECDH', namedCurve: 'P-256' }, { name: 'ECDH', namedCurve: 'P-384' }, { name: 'ECDH', namedCurve: 'P-521' }, { name: 'X25519' }]) {
                const a = await subtle.generateKey(algorithm, false, ['deriveBits']);
                const b = await subtle.generateKey(algorithm, false, ['deriveBits']);
                const ab = await subtle.deriveBits({ name: algorithm.name, public: b.publicKey }, a.privateKey, null);
                const ba = await subtle.deriveBits({ name: algorithm.name, public: a.publicKey }, b.privateKey, null);
                results.push(ab.byteLength, hex(ab) === hex(ba));
            }
            return String(results);",
            "32,true,48,true,66,true,32,true",
        ),
    ]);
}

fn ciphers() {
    check(&[
        (
            "AES-CTR of SP 800-38A, F.5.1",
            "const counter = un('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
            const aes = await secret(un('2b7e151628aed2a6abf7158809cf4f3c'), 'AES-CTR', 'encrypt');
            return hex(await subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, aes, un('6bc1bee22e409f96e93d7e117393172a')));",
            "874d6191b620e3261bef6864990db6ce",
        ),
        (
            "a short counter begins again beside the same nonce",
            "const aes = await secret(new Uint8Array(16), 'AES-CTR', 'encrypt');
            const run = async (counter, length, blocks) => hex(await subtle.encrypt({ name: 'AES-CTR', counter: un(counter), length }, aes, new Uint8Array(16 * blocks)));
            const whole = await run('000000000000000000000000000000f3', 2, 4);
            const parts = await run('000000000000000000000000000000f3', 128, 1) + await run('000000000000000000000000000000f0', 128, 3);
            return String(whole === parts);",
            "true",
        ),
        (
            "AES-GCM with a nonce of 60 bytes, test case 6 of its specification",
            "const iv = un('9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b');
            const text = un('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39');
            const additionalData = un('feedfacedeadbeeffeedfacedeadbeefabaddad2');
            const aes = await secret(un('feffe9928665731c6d6a8f9467308308'), 'AES-GCM', 'encrypt', 'decrypt');
            const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, aes, text);
            const opened = await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, aes, sealed);
            return hex(sealed).slice(-64) + String(hex(opened) === hex(text));",
            "d48c7c6fd62875d2aca417034c34aee5619cc5aefffe0bfa462af43c1699d050true",
        ),
        (
            "a changed tag, text or additional data is found out",
            "const aes = await secret(new Uint8Array(32), 'AES-GCM', 'encrypt', 'decrypt');
            const iv = new Uint8Array(12), results = [];
            for (const tagLength of [32, 128]) {
                const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, tagLength }, aes, utf8('secret')));
                for (const at of [0, sealed.length - 1]) {
                    const changed = sealed.slice();
                    changed[at] ^= 1;
                    results.push(await failure(() => subtle.decrypt({ name: 'AES-GCM', iv, tagLength }, aes, changed)));
                }
                results.push(await failure(() => subtle.decrypt({ name: 'AES-GCM', iv, tagLength, additionalData: iv }, aes, sealed)));
                results.push(await failure(() => subtle.decrypt({ name: 'AES-GCM', iv, tagLength }, aes, sealed.slice(0, tagLength / 8 - 1))));
            }
            return String([...new Set(results)]);",
            "OperationError",
        ),
        (
            "AES-CBC comes back for every length of the last block, and says so of a wrong padding",
            "const aes = await secret(new Uint8Array(24), 'AES-CBC', 'encrypt', 'decrypt');
            const iv = crypto.getRandomValues(new Uint8Array(16)), results = [];
            for (let length = 0; length < 40; length++) {
                const text = crypto.getRandomValues(new Uint8Array(length));
                const sealed = await subtle.encrypt({ name: 'AES-CBC', iv }, aes, text);
                const opened = await subtle.decrypt({ name: 'AES-CBC', iv }, aes, sealed);
                results.push(hex(opened) === hex(text) && sealed.byteLength === length - length % 16 + 16);
            }
            const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv }, aes, new Uint8Array(16)));
            sealed[15] ^= 0x01;
            results.push(await failure(() => subtle.decrypt({ name: 'AES-CBC', iv }, aes, sealed)));
            return String([...new Set(results)]);",
            "true,OperationError",
        ),
        (
            "AES-KW of RFC 3394, 4.1",
            "const wrapping = await secret(un('000102030405060708090a0b0c0d0e0f'), 'AES-KW', 'wrapKey', 'unwrapKey');
            const inner = await subtle.importKey('raw', un('00112233445566778899aabbccddeeff'), 'AES-CBC', true, ['encrypt']);
            const wrapped = await subtle.wrapKey('raw', inner, wrapping, 'AES-KW');
            const unwrapped = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-CBC', true, ['encrypt']);
            return hex(wrapped) + ' ' + hex(await subtle.exportKey('raw', unwrapped));",
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5 00112233445566778899aabbccddeeff",
        ),
        (
            "long data goes through in one piece",
            "const text = new Uint8Array(300_001).map((_, i) => i * 7);
            const results = [];
            for (const algorithm of [{ name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 64 }, { name: 'AES-CBC', iv: new Uint8Array(16) }, { name: 'AES-GCM', iv: new Uint8Array(12) }]) {
                const aes = await secret(new Uint8Array(16), algorithm.name, 'encrypt', 'decrypt');
                const sealed = await subtle.encrypt(algorithm, aes, text);
                const opened = new Uint8Array(await subtle.decrypt(algorithm, aes, sealed));
                results.push(opened.length === text.length && opened.every((byte, i) => byte === text[i]));
            }
            return String(results);",
            "true,true,true",
        ),
    ]);
}

fn signatures() {
    check(&[
        (
            "HMAC of RFC 4231, test case 2",
            "const jefe = await secret(utf8('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, 'sign', 'verify');
            const data = utf8('what do ya want for nothing?');
            const signature = await subtle.sign('HMAC', jefe, data);
            return hex(signature) + await subtle.verify('HMAC', jefe, signature, data) + await subtle.verify('HMAC', jefe, signature.slice(1), data);",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843truefalse",
        ),
        (
            "Ed25519 of RFC 8032, test 2",
            "const pkcs8 = un('302e020100300506032b657004220420' + '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
            const mine = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
            const theirs = await subtle.importKey('raw', un('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'), 'Ed25519', true, ['verify']);
            const signature = await subtle.sign('Ed25519', mine, un('72'));
            return hex(signature) + await subtle.verify('Ed25519', theirs, signature, un('72')) + await subtle.verify('Ed25519', theirs, signature, un('73'));",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00truefalse",
        ),
        (
            "a key of small order verifies nothing",
            "const weak = await subtle.importKey('raw', new Uint8Array(32).fill(1, 0, 1), 'Ed25519', true, ['verify']);
            const signature = new Uint8Array(64).fill(1, 0, 1);
            return String(await subtle.verify('Ed25519', weak, signature, un('72')));",
            "false",
        ),
        (
            "ECDSA of RFC 6979, A.2.5",
            "const point = un('04' + '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6' + '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299');
            const theirs = await subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
            const signature = un('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' + 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
            const verify = (text) => subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, theirs, signature, utf8(text));
            return String([await verify('sample'), await verify('Sample')]);",
            "true,false",
        ),
        (
            "each hash goes with each curve",
            "const results = new Set();
            for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
                const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve }, false, ['sign', 'verify']);
                for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
                    const signature = await subtle.sign({ name: 'ECDSA', hash }, pair.privateKey, utf8('a'));
                    results.add(await subtle.verify({ name: 'ECDSA', hash }, pair.publicKey, signature, utf8('a')));
                    results.add(!await subtle.verify({ name: 'ECDSA', hash }, pair.publicKey, signature, utf8('b')));
                }
            }
            return String([...results]);",
            "true",
        ),
        (
            "RSA signs and deciphers",
            "const results = [];
            const parameters = { modulusLength: 1024, publicExponent: un('010001'), hash: 'SHA-256' };
            for (const algorithm of [{ name: 'RSASSA-PKCS1-v1_5' }, { name: 'RSA-PSS', saltLength: 20 }, { name: 'RSA-PSS', saltLength: 0 }]) {
                const pair = await subtle.generateKey({ ...parameters, name: algorithm.name }, false, ['sign', 'verify']);
                const signature = await subtle.sign(algorithm, pair.privateKey, utf8('a'));
                results.push(await subtle.verify(algorithm, pair.publicKey, signature, utf8('a')), await subtle.verify(algorithm, pair.publicKey, signature, utf8('b')));
            }
            const pair = await subtle.generateKey({ ...parameters, name: 'RSA-OAEP' }, false, ['encrypt', 'decrypt']);
            const label = utf8('label');
            const sealed = await subtle.encrypt({ name: 'RSA-OAEP', label }, pair.publicKey, utf8('secret'));
            results.push(new TextDecoder().decode(await subtle.decrypt({ name: 'RSA-OAEP', label }, pair.privateKey, sealed)));
            results.push(await failure(() => subtle.decrypt({ name: 'RSA-OAEP' }, pair.privateKey, sealed)));
            results.push(await failure(() => subtle.encrypt({ name: 'RSA-OAEP' }, pair.publicKey, new Uint8Array(63))));
            return String(results);",
            "true,false,true,false,true,false,secret,OperationError,OperationError",
        ),
    ]);
}

fn formats() {
    check(&[
        (
            "pairs",
            "const results = [];
            const rsa = { modulusLength: 1024, publicExponent: un('010001'), hash: 'SHA-1' };
            const kinds = [
                [{ name: 'RSA-PSS', ...rsa }, 'sign', 'verify'], [{ name: 'RSA-OAEP', ...rsa }, 'decrypt', 'encrypt'],
                [{ name: 'ECDSA', namedCurve: 'P-256' }, 'sign', 'verify'], [{ name: 'ECDSA', namedCurve: 'P-521' }, 'sign', 'verify'],
                [{ name: 'ECDH', namedCurve: 'P-384' }, 'deriveBits'], [{ name: 'Ed25519' }, 'sign', 'verify'], [{ name: 'X25519' }, 'deriveBits'],
            ];
            for (const [algorithm, forPrivate, forPublic] of kinds) {
                const pair = await subtle.generateKey(algorithm, true, [forPrivate, forPublic].filter(Boolean));
                for (const [key, formats, usages] of [[pair.privateKey, ['pkcs8', 'jwk'], [forPrivate]], [pair.publicKey, ['spki', 'jwk', 'raw'], [forPublic].filter(Boolean)]]) {
                    for (const format of formats) {
                        if (format === 'raw' && algorithm.modulusLength) continue;
                        const exported = await subtle.exportKey(format, key);
                        const imported = await subtle.importKey(format, exported, algorithm, true, usages);
                        const again = await subtle.exportKey(format, imported);
                        const same = format === 'jwk' ? JSON.stringify(exported) === JSON.stringify(again) : hex(exported) === hex(again);
                        if (!same || JSON.stringify(imported.algorithm) !== JSON.stringify(key.algorithm)) results.push(algorithm.name + format);
                    }
                }
            }
            return String(results.length);",
            "0",
        ),
        (
            "a secret",
            "const aes = await subtle.generateKey({ name: 'AES-GCM', length: 192 }, true, ['encrypt', 'decrypt']);
            const { k, ...rest } = await subtle.exportKey('jwk', aes);
            return JSON.stringify(rest) + k.length;",
            "{\"alg\":\"A192GCM\",\"ext\":true,\"key_ops\":[\"encrypt\",\"decrypt\"],\"kty\":\"oct\"}32",
        ),
        (
            "an RSA key of PKCS #8 says what it is",
            "const pair = await subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 1032, publicExponent: un('0003'), hash: 'SHA-384' }, true, ['sign', 'verify']);
            const imported = await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', pair.privateKey), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, false, ['sign']);
            const { algorithm } = imported;
            return JSON.stringify([algorithm.modulusLength, algorithm.publicExponent.toHex(), algorithm.hash.name, imported.type, imported.extractable, imported.usages]);",
            "[1032,\"03\",\"SHA-512\",\"private\",false,[\"sign\"]]",
        ),
    ]);
}

fn usages() {
    check(&[
        (
            "a key that is not extractable stays inside",
            "const hidden = await secret(new Uint8Array(16), 'AES-CBC', 'encrypt');
            const wrapping = await secret(new Uint8Array(16), 'AES-KW', 'wrapKey');
            return String([
                await failure(() => subtle.exportKey('raw', hidden)), await failure(() => subtle.exportKey('jwk', hidden)),
                await failure(() => subtle.wrapKey('raw', hidden, wrapping, 'AES-KW')), JSON.stringify(hidden),
            ]);",
            "InvalidAccessError,InvalidAccessError,InvalidAccessError,{}",
        ),
        (
            "what a tenant changes of a key's attributes changes nothing",
            "const aes = await secret(new Uint8Array(16), 'AES-CBC', 'encrypt');
            aes.algorithm.name = 'AES-GCM'; aes.usages.push('decrypt'); Reflect.set(aes, 'extractable', true);
            const iv = new Uint8Array(16);
            return String([
                await failure(() => subtle.encrypt({ name: 'AES-CBC', iv }, aes, iv)), await failure(() => subtle.encrypt({ name: 'AES-GCM', iv }, aes, iv)),
                await failure(() => subtle.decrypt({ name: 'AES-CBC', iv }, aes, iv)), await failure(() => subtle.exportKey('raw', aes)),
                aes.algorithm === aes.algorithm,
            ]);",
            "nothing,InvalidAccessError,InvalidAccessError,InvalidAccessError,true",
        ),
        (
            "a clone is the same key",
            "const aes = await secret(new Uint8Array(16), 'AES-CBC', 'encrypt');
            const { inside } = structuredClone({ inside: aes });
            const iv = new Uint8Array(16), seal = async (key) => hex(await subtle.encrypt({ name: 'AES-CBC', iv }, key, iv));
            return String([inside === aes, inside instanceof CryptoKey, await seal(inside) === await seal(aes), await failure(() => subtle.exportKey('raw', inside))]);",
            "false,true,true,InvalidAccessError",
        ),
        (
            "a JWK's own restrictions hold",
            "const jwk = { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' };
            const load = (more, extractable = true, algorithm = 'AES-CBC') => failure(() => subtle.importKey('jwk', { ...jwk, ...more }, algorithm, extractable, ['encrypt']));
            return String([
                await load({}), await load({ use: 'enc', key_ops: ['encrypt', 'decrypt'], ext: true, alg: 'A128CBC' }), await load({ use: 'sig' }),
                await load({ key_ops: ['decrypt'] }), await load({ key_ops: ['encrypt', 'encrypt'] }), await load({ ext: false }), await load({ ext: false }, false),
                await load({ alg: 'A128GCM' }), await load({ kty: 'RSA' }), await load({ k: undefined }), await load({ k: 'AA' }), await load({ k: 'AA=!' }),
            ]);",
            "nothing,nothing,DataError,DataError,DataError,DataError,nothing,DataError,DataError,DataError,DataError,DataError",
        ),
        (
            "what is no key is refused",
            "const fake = Object.create(CryptoKey.prototype);
            return String([
                await failure(() => subtle.exportKey('raw', {})), await failure(() => subtle.exportKey('raw', fake)), await failure(() => fake.type),
                await failure(() => new CryptoKey()), await failure(() => subtle.digest.call({}, 'SHA-1', new Uint8Array())),
                await failure(() => subtle.importKey('raw', {}, 'AES-CBC', true, [])), await failure(() => subtle.importKey('jwk', new Uint8Array(16), 'AES-CBC', true, [])),
                await failure(() => subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', true, ['fly'])), await failure(() => subtle.importKey('der', {}, 'AES-CBC', true, [])),
            ]);",
            "TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,TypeError",
        ),
    ]);
}

fn bounds() {
    check(&[
        (
            "RSA",
            "const make = (modulusLength, publicExponent) => failure(() => subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-256', modulusLength, publicExponent: un(publicExponent) }, true, ['sign']));
            return String([
                await make(512, '010001'), await make(8200, '010001'), await make(4294967295, '010001'), await make(2048, ''), await make(2048, '01'), await make(2048, '02'),
                await make(2048, '010000'), await make(2048, 'ff'.repeat(256)), await make(-1, '010001'),
            ]);",
            "OperationError,OperationError,OperationError,OperationError,OperationError,OperationError,OperationError,OperationError,TypeError",
        ),
        (
            "the length of what is derived and made",
            "const base = await secret(new Uint8Array(1), 'PBKDF2', 'deriveBits');
            const salt = new Uint8Array(1);
            const derive = (length, iterations = 1) => failure(() => subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt, iterations }, base, length));
            const hkdf = await secret(new Uint8Array(1), 'HKDF', 'deriveBits');
            return String([
                await derive(8), await derive(0), await derive(null), await derive(7), await derive(4294967288), await derive(8, 0),
                await failure(() => subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: salt }, hkdf, 255 * 256 + 8)),
                await failure(() => subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 4294967295 }, true, ['sign'])),
                await failure(() => subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 0 }, true, ['sign'])),
                await failure(() => secret(new Uint8Array(17 << 20), 'HKDF', 'deriveBits')),
            ]);",
            "nothing,nothing,OperationError,OperationError,OperationError,OperationError,OperationError,OperationError,OperationError,RangeError",
        ),
        (
            "a salt that does not fit",
            "const pair = await subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 1024, publicExponent: un('010001') }, true, ['sign', 'verify']);
            const sign = (saltLength) => failure(() => subtle.sign({ name: 'RSA-PSS', saltLength }, pair.privateKey, un('00')));
            return String([await sign(94), await sign(95), await sign(4294967295), await subtle.verify({ name: 'RSA-PSS', saltLength: 4294967295 }, pair.publicKey, new Uint8Array(128), un('00'))]);",
            "nothing,OperationError,OperationError,false",
        ),
        (
            "keys that are none",
            "const rsa = { name: 'RSA-OAEP', hash: 'SHA-1' }, ec = { name: 'ECDSA', namedCurve: 'P-256' };
            const load = (format, data, algorithm, usage) => failure(() => subtle.importKey(format, data, algorithm, true, [usage]));
            const results = [];
            for (const length of [0, 1, 31, 65, 1000]) {
                const junk = crypto.getRandomValues(new Uint8Array(length));
                results.push(
                    await load('spki', junk, rsa, 'encrypt'), await load('pkcs8', junk, rsa, 'decrypt'), await load('spki', junk, ec, 'verify'), await load('pkcs8', junk, ec, 'sign'),
                    await load('raw', junk, ec, 'verify'), await load('raw', junk, 'Ed25519', 'verify'), await load('pkcs8', junk, 'Ed25519', 'sign'),
                );
            }
            const n = 'x'.repeat(342), zero = 'A'.repeat(342);
            for (const jwk of [{ n, e: 'AQAB' }, { n: zero, e: 'AQAB' }, { n: 'AQAB', e: 'AQAB' }, { n: 'x'.repeat(1e6), e: 'AQAB' }, { n, e: n }, { n, e: '' }, { n: '', e: '' }]) {
                results.push(await load('jwk', { kty: 'RSA', ...jwk, d: n, p: 'Aw', q: 'AQ', dp: 'AA', dq: 'AA', qi: 'AA' }, rsa, 'decrypt'));
                results.push(await load('jwk', { kty: 'RSA', ...jwk, d: n, p: zero, q: zero, dp: zero, dq: zero, qi: zero }, rsa, 'decrypt'));
            }
            const zero32 = 'A'.repeat(43);
            results.push(await load('jwk', { kty: 'EC', crv: 'P-256', x: zero32, y: zero32 }, ec, 'verify'), await load('jwk', { kty: 'EC', crv: 'P-256', x: zero32, y: zero32, d: zero32 }, ec, 'sign'));
            return String([...new Set(results)]);",
            "DataError",
        ),
    ]);
}

fn digest_streams() {
    check(&[
        (
            "what is piped in",
            "const stream = new crypto.DigestStream('SHA-256');
            await new Response('abc').body.pipeTo(stream);
            return hex(await stream.digest) + stream.bytesWritten + (stream instanceof WritableStream);",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad3true",
        ),
        (
            "what is written",
            "const stream = new crypto.DigestStream({ name: 'md5' }), writer = stream.getWriter();
            await writer.write('a'); await writer.write(new Uint8Array([98]).buffer); await writer.write(new DataView(new Uint8Array([0, 99]).buffer, 1));
            await writer.close();
            return hex(await stream.digest);",
            "900150983cd24fb0d6963f7d28e17f72",
        ),
        (
            "what goes wrong",
            "const aborted = new crypto.DigestStream('SHA-1'), erred = new crypto.DigestStream('SHA-1');
            await aborted.abort(new RangeError());
            const write = await failure(() => erred.getWriter().write(1));
            return String([await failure(() => aborted.digest), write, await failure(() => erred.digest), await failure(() => new crypto.DigestStream('SHA')), await failure(() => new crypto.DigestStream())]);",
            "RangeError,TypeError,TypeError,NotSupportedError,TypeError",
        ),
        (
            "buffers are compared",
            "const equal = (a, b) => subtle.timingSafeEqual(utf8(a), utf8(b));
            const long = new Uint8Array(3 << 20), other = long.slice(); other[other.length - 1] = 1;
            return String([equal('abc', 'abc'), equal('abc', 'abd'), equal('', ''), subtle.timingSafeEqual(long, long.slice()), subtle.timingSafeEqual(long, other), await failure(() => equal('a', 'ab')), await failure(() => subtle.timingSafeEqual('a', 'a'))]);",
            "true,false,true,true,false,TypeError,TypeError",
        ),
    ]);
}
