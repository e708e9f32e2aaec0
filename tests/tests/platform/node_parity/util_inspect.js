import { format, inspect } from "node:util";

/** Prints values of every kind, with the options that change how they look. */
export default function run(print) {
  const attempt = (work) => {
    try {
      print(work());
    } catch (error) {
      print("threw", error.name, error.code, error.message);
    }
  };
  class Foo { constructor() { this.a = 1; this.b = "two"; } get g() { return 1; } }
  class Bar extends Foo { [Symbol.toStringTag] = "Tagged"; }
  class Empty {}
  const circular = { name: "c" };
  circular.self = circular;
  circular.list = [circular, { circular }];
  const sparse = [1, , 3];
  sparse.extra = "x";
  const symbol = Symbol("sym");
  const withSymbol = { [symbol]: 1, [Symbol()]: 2, "a-b": 3, $x: 4, 5: 5, ünï: 6, "quote'd": 7 };
  const nothing = Object.create(null);
  nothing.x = 1;
  const deep = { a: { b: { c: { d: { e: 1 } } } } };
  const accessors = { get a() { return 1; }, set b(v) {}, get c() { return { x: 1 }; }, set c(v) {}, get bad() { throw new Error("no"); } };
  const named = function named() {};
  named.prop = { x: 1 };
  const values = [
    0, -0, 1.5, NaN, Infinity, 123456789n, true, null, undefined, "text", "it's", 'both "\' quotes', "`all' \"", "line\nbreak\ttab\\ \u0000\u001b\u007f", "\ud83d", symbol,
    "x".repeat(200), `${"long line ".repeat(12)}\n${"second ".repeat(10)}`, [], {}, [1, 2, 3], ["a", "b"], [[]], [[[[]]]], [[[[1]]]], [undefined, null], sparse, new Array(5), [1, , , 4],
    Array.from({ length: 120 }, (_, i) => i), Array.from({ length: 30 }, (_, i) => `item ${i}`), Array.from({ length: 10 }, (_, i) => ({ i })), [1.5, 22.25, 333.125, 4, 5, 6, 7],
    Array.from({ length: 27 }, (_, i) => "abcdefghijklmnopqrstuvwxyz".slice(0, i)), { a: 1, b: "x", c: [1, 2], d: { e: null } }, withSymbol, deep, circular, nothing, Object.create({ inherited: 1 }),
    Object.create(nothing), new Foo(), new Bar(), new Empty(), Foo, Bar, class {}, class extends null {}, () => {}, function () {}, named, async () => {}, function* gen() {}, async function* agen() {}, Math.max,
    new Map(), new Map([["a", 1], [{ k: 1 }, new Map([[1, 2]])]]), new Set(), new Set([1, "a", { b: 1 }]), new Map([["self", circular]]), new WeakMap(), new WeakSet(), new Date(0), new Date(NaN), /re/gi,
    Object.assign(/re/, { x: 1 }), new Number(3), new String("abc"), new Boolean(false), Object(symbol), Object(10n), Object.assign(new String("ab"), { x: 1 }), Promise.resolve(4), new Promise(() => {}),
    new Uint8Array(3), new Float64Array([1.5, -0]), new ArrayBuffer(4), new DataView(new ArrayBuffer(2)), Buffer.from("buffer"), Buffer.alloc(60), new (class Sub extends Array {})(3), new (class extends Map {})([[1, 2]]),
    (function () { return arguments; })(1, 2), Math, JSON, globalThis.Reflect, accessors, { f() {}, g: () => {}, h: class {} }, { a: "x".repeat(60), b: "y".repeat(60) }, { list: [{ a: 1, b: { c: {} } }] },
    Object.assign(() => {}, { a: 1 }), [new Date(1e12), /x/, "s", Symbol.iterator], { undefined: undefined, null: null }, { "": 1 }, { __proto__: { x: 1 }, y: 2 }, { ["__proto__"]: 1 }, new Proxy({ a: 1 }, {}), new Proxy([1], {}),
    { toString: () => "mine" }, { [inspect.custom]: (depth, options) => `custom ${depth} ${typeof options.stylize}` }, { inner: { [inspect.custom]() { return { replaced: true }; } } }, { [inspect.custom]: 5 },
    Object.freeze({ frozen: true }), [["nested", ["deeper", ["deepest", ["hidden"]]]]], { a: [{ b: [{ c: 1 }] }] }, "a".repeat(10100), [`${"w".repeat(20)}`, "multi\nline"], { text: "multi\nline text that is longer than sixteen" },
  ];
  for (const value of values) attempt(() => inspect(value));
  for (const options of [{ depth: 0 }, { depth: null }, { depth: Infinity, compact: false }, { compact: true }, { compact: 1 }, { breakLength: 40 }, { breakLength: Infinity }, { showHidden: true }, { sorted: true }, { maxArrayLength: 2 }, { maxArrayLength: 0 }, { maxStringLength: 4 }, { colors: true }, { getters: true }, { numericSeparator: true }, { customInspect: false }]) {
    for (const value of [deep, circular, accessors, [1, 2, 3, 4], { b: 1, a: { d: 1, c: 2 } }, new Map([["k", { v: [1, 2, 3] }]]), new Set(["abcdef", 2]), ["string", 1, true, null, undefined, 1n, symbol, new Date(0), /r/, () => {}], 1234567.891, -1234567, "text", { long: "x".repeat(50), other: "y".repeat(30) }, new Foo()]) {
      attempt(() => inspect(value, options));
    }
  }
  attempt(() => inspect({ a: { b: 1 } }, true, 0, true));
  attempt(() => inspect(new Error("x")).split("\n")[0]);
  attempt(() => { const e = new TypeError("bad", { cause: "why" }); e.stack = "TypeError: bad"; e.extra = 1; return inspect(e); });
  attempt(() => { const e = new Error("one\ntwo"); e.stack = undefined; return inspect(e); });
  attempt(() => { const e = new RangeError("nested"); e.stack = "RangeError: nested\n    at somewhere (file.js:1:2)"; return inspect({ e, list: [e] }); });
  for (const args of [["%s %s", "a"], ["%s", "a", "b", { c: 1 }], ["%d %i %f", "42.5", "42.5", "42.5"], ["%d", 10n], ["%i", 3.9], ["%f", "x"], ["%j", { a: [1] }], ["%o", { a: 1, f() {} }], ["%O", { a: { b: { c: { d: 1 } } } }],
    ["%c styled", "css"], ["%%"], ["%% %s", 1], ["100%", 1], ["%s", Symbol("x")], ["%s", null], ["%s", undefined], ["%s", -0], ["%s", 5n], ["%s", { a: { b: 1 } }], ["%s", [1, [2, [3]]]], ["%s", () => 1], ["%s", new Foo()], ["%s", { toString: () => "own" }],
    ["%s", new Date(0)], ["%s", Object.create(null)], ["%d", { valueOf: () => 7 }], ["%d", Symbol("s")], ["%x", 1], [1, 2, "3"], [{ a: 1 }, "b"], ["a", "b", "c"], [], ["%s"], ["%"], ["%s %", 1], ["%j", circular], [null, undefined], ["%s", "%s", "z"]]) {
    attempt(() => format(...args));
  }
}
