//! structuredClone.

use crate::support::{Row, Test, check_rows};

pub const TESTS: &[Test] =
    &[("values", values), ("objects_of_the_platform", objects), ("transfer", transfer)];

fn values() {
    check_rows(VALUES);
}

fn objects() {
    check_rows(OBJECTS);
}

fn transfer() {
    check_rows(TRANSFER);
}

const VALUES: &[Row<'_>] = &[
    (
        "shapes, cycles and shared parts",
        "const part = { x: 1 }; const a = { d: new Date(5), m: new Map([[part, new Set([part])]]), r: /x/gi, n: null, u: undefined, b: 10n, w: new Number(3), l: [part, , part] }; a.self = a; a.__proto__ = 1; Object.defineProperty(a, 'hidden', { value: 1 });
        const c = structuredClone(a); const [key, set] = [...c.m][0];
        return [c !== a, c.self === c, c.d.getTime(), set.has(key), key === c.l[0], key !== part, String(c.r), 'u' in c, String(c.b), c.w + 1, c.l.length, 1 in c.l, 'hidden' in c, Object.keys(c).join()];",
        r#"[true,true,5,true,true,true,"/x/gi",true,"10",4,3,false,false,"d,m,r,n,u,b,w,l,self"]"#,
    ),
    (
        "a name that means the prototype is a name",
        "const a = JSON.parse('{\"__proto__\": {\"x\": 1}, \"toString\": 2}'); const c = structuredClone(a); return [Object.hasOwn(c, '__proto__'), c.x ?? null, c.toString, Object.getPrototypeOf(c) === Object.prototype];",
        "[true,null,2,true]",
    ),
    (
        "depth",
        "let a = []; for (let i = 0; i < 20000; i++) a = [a]; let c = structuredClone(a), depth = 0; while (c.length) { c = c[0]; depth++; } return depth;",
        "20000",
    ),
    (
        "arrays with more, or less, than elements",
        "const a = [1, 2]; a.x = 3; const b = new Array(5); b[2] = 1; const e = [1, 2, 3]; Object.defineProperty(e, 1, { enumerable: false }); const [c, d, f] = structuredClone([a, b, e]); return [c.x, c.length, d.length, Object.keys(d), Object.keys(f), f.length];",
        r#"[3,2,5,["2"],["0","2"],3]"#,
    ),
    (
        "getters run, in order, once; what they take away is not cloned",
        "const seen = []; const a = { get x() { seen.push('x'); delete this.z; return 1; }, y: { get w() { seen.push('w'); } }, z: 1, get v() { seen.push('v'); return 2; } }; const c = structuredClone(a); return [seen.join(''), c.x, c.v, 'z' in c, Object.keys(c)];",
        r#"["xwv",1,2,false,["x","y","v"]]"#,
    ),
    (
        "what a getter throws comes through",
        "try { structuredClone({ get x() { throw new RangeError('mine'); } }); } catch (e) { return e.message; }",
        r#""mine""#,
    ),
    (
        "errors",
        "class Mine extends TypeError { name = 'Mine'; } const e = new RangeError('m', { cause: { blob: new Blob(['ab']) } }); e.extra = 1;
        const c = structuredClone(e), m = structuredClone(new Mine('x')), a = structuredClone(new AggregateError([e, 2], 'n'));
        return [c instanceof RangeError, c.message, c.stack === e.stack, await c.cause.blob.text(), Object.keys(c), Object.getPrototypeOf(m) === Error.prototype, a.errors[0].message, a.errors[1], 'message' in Object.getOwnPropertyDescriptors(structuredClone(new Error()))];",
        r#"[true,"m",true,"ab",[],true,"m",2,false]"#,
    ),
    (
        "buffers and views keep what they share",
        "const b = new ArrayBuffer(8), v = new Uint8Array(b, 2, 3), d = new DataView(b, 1); v[0] = 7; const c = structuredClone({ v, b, d, f: new Float16Array([1.5]) }); return [c.v.buffer === c.b, c.d.buffer === c.b, c.b !== b, c.v.byteOffset, c.v.length, c.d.byteLength, c.d.getUint8(1), c.f[0]];",
        "[true,true,true,2,3,7,7,1.5]",
    ),
    (
        "views that follow a resizable buffer go on doing so",
        "const b = new ArrayBuffer(8, { maxByteLength: 16 }), whole = new Uint16Array(b, 2), part = new Uint8Array(b, 2, 6), d = new DataView(b); whole[2] = 7; const before = [...whole];
        const c = structuredClone({ whole, part, d }); c.whole.buffer.resize(12); return [c.whole.length, c.part.length, c.d.byteLength, c.whole[2], c.whole.buffer.maxByteLength, String(before) === String([...whole]), b.byteLength];",
        "[5,6,12,7,16,true,8]",
    ),
    (
        "what cannot be cloned",
        "const gone = new ArrayBuffer(1); gone.transfer(); const out = new ArrayBuffer(4, { maxByteLength: 4 }), beyond = new Uint8Array(out, 2, 2); out.resize(1);
        const values = [() => {}, Symbol(), new WeakMap(), Promise.resolve(), new Proxy({}, {}), new Proxy([], {}), (function () { return arguments; })(), gone, beyond, globalThis, [].values(), new WeakRef({}), { f() {} }];
        const names = await Promise.all(values.map((v) => failure(() => structuredClone(v)))); return [names.every((n) => n === 'DataCloneError'), await failure(() => structuredClone()), await failure(() => structuredClone(1, 1)), await failure(() => structuredClone(1, { transfer: 1 }))];",
        r#"[true,"TypeError","TypeError","TypeError"]"#,
    ),
];

const OBJECTS: &[Row<'_>] = &[
    (
        "wherever they stand",
        "const c = structuredClone({ blob: new Blob(['abc'], { type: 'a/b' }), file: [new File(['x'], 'n', { lastModified: 3 })], error: new Map([[1, new DOMException('m', 'DataError')]]) });
        const e = c.error.get(1); return [c.blob instanceof Blob, c.blob instanceof File, c.blob.type, await c.blob.text(), c.file[0].name, c.file[0].lastModified, e instanceof DOMException, e.name, e.message, e.code];",
        r#"[true,false,"a/b","abc","n",3,true,"DataError","m",0]"#,
    ),
    (
        "a subclass becomes the class that can be cloned",
        "class Mine extends Blob { x = 1; } const c = structuredClone(new Mine(['q'])); return [c.constructor === Blob, 'x' in c, await c.text()];",
        r#"[true,false,"q"]"#,
    ),
    (
        "all others are refused, wherever they stand",
        "const values = [new Headers(), new Response(), new Event('x'), new EventTarget(), new URL('a:b'), new FormData(), new AbortController().signal, new TextEncoder(), new ReadableStream(), new (class extends Headers {})()];
        const names = await Promise.all(values.flatMap((v) => [v, { v }, new Set([v])]).map((v) => failure(() => structuredClone(v)))); return names.every((n) => n === 'DataCloneError');",
        "true",
    ),
    (
        "an instance of a tenant's class is a plain object",
        "class A { #p = 1; x = 2; get y() { return 3; } } const c = structuredClone(new A()); return [c.constructor === Object, c.x, 'y' in c];",
        "[true,2,false]",
    ),
];

const TRANSFER: &[Row<'_>] = &[
    (
        "buffers move with the views on them",
        "const b = new ArrayBuffer(8), v = new Uint8Array(b, 2); v[1] = 5; const c = structuredClone({ list: [v], map: new Map([[b, v]]), b }, { transfer: [b] });
        return [b.byteLength, b.detached, c.b.byteLength, c.list[0].buffer === c.b, c.list[0][1], c.map.get(c.b) === c.list[0], Object.keys(c).join()];",
        r#"[0,true,8,true,5,true,"list,map,b"]"#,
    ),
    (
        "a buffer that is not part of the value goes all the same",
        "const b = new ArrayBuffer(8); return [structuredClone(1, { transfer: new Set([b]) }), b.detached];",
        "[1,true]",
    ),
    (
        "nothing moves when something cannot be cloned",
        "const b = new ArrayBuffer(8); const name = await failure(() => structuredClone([b, () => {}], { transfer: [b] })); return [name, b.detached];",
        r#"["DataCloneError",false]"#,
    ),
    (
        "what cannot be transferred",
        "const b = new ArrayBuffer(8), gone = new ArrayBuffer(1); gone.transfer(); const lists = [[b, b], [gone], [{}], [new Blob()], [new Headers()], [new Uint8Array(1)]];
        const names = await Promise.all(lists.map((transfer) => failure(() => structuredClone(1, { transfer })))); return [names.every((n) => n === 'DataCloneError'), await failure(() => structuredClone(1, { transfer: [1] })), b.detached];",
        r#"[true,"TypeError",false]"#,
    ),
];
