import util, { callbackify, deprecate, inherits, isDeepStrictEqual, MIMEType, parseArgs, promisify, stripVTControlCharacters, styleText, types } from "node:util";

/** Prints what the rest of util does. */
export default async function run(print) {
  const attempt = async (work) => {
    try {
      const value = await work();
      print(JSON.stringify(value) ?? String(value));
    } catch (error) {
      print(error?.name, error?.code, error?.message);
    }
  };
  await attempt(() => promisify((a, b, done) => done(null, a + b))(1, 2));
  await attempt(() => promisify((done) => done(new RangeError("no")))());
  await attempt(() => promisify(5));
  await attempt(() => { const f = () => {}; f[promisify.custom] = async () => "own"; return promisify(f)(); });
  await attempt(() => new Promise((resolve) => callbackify(async (x) => x * 2)(4, (error, value) => resolve([error, value]))));
  await attempt(() => new Promise((resolve) => callbackify(async () => { throw null; })((error) => resolve([error.code, error.message]))));
  await attempt(() => [callbackify(async function two(a, b) {}).length, callbackify(async function two(a, b) {}).name]);
  await attempt(() => callbackify(async () => {})());
  await attempt(() => { function A() {} function B() {} B.prototype.m = () => 1; inherits(A, B); return [new A().m(), A.super_ === B]; });
  await attempt(() => inherits(1, 2));
  await attempt(() => [deprecate(() => 5, "old")(), deprecate(class X { y = 1; }, "old")]);
  const pairs = [
    [1, 1], [0, -0], [NaN, NaN], ["a", "a"], [1, "1"], [null, undefined], [{ a: 1 }, { a: 1 }], [{ a: 1 }, { a: 2 }], [{ a: 1, b: undefined }, { a: 1 }], [[1, 2], [1, 2]], [[1, , 3], [1, undefined, 3]], [[], {}], [new Date(0), new Date(0)], [new Date(0), new Date(1)],
    [/a/g, /a/g], [/a/g, /a/i], [new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]])], [new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])], [new Map([[1, 2]]), new Map([[1, 3]])], [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])], [new Set([1]), new Set([2])],
    [new Error("a"), new Error("a")], [new Error("a"), new TypeError("a")], [new Uint8Array([1]), new Uint8Array([1])], [new Uint8Array([1]), new Int8Array([1])], [Buffer.from("a"), Buffer.from("a")], [Object(1), Object(1)], [Object("a"), Object("b")], [Symbol.iterator, Symbol.iterator],
    [{ [Symbol.iterator]: 1 }, { [Symbol.iterator]: 2 }], [Object.create(null), {}], [new (class A {})(), {}], [new Float32Array([0]), new Float32Array([-0])], [() => {}, () => {}], [new ArrayBuffer(2), new ArrayBuffer(2)], [Promise.resolve(1), Promise.resolve(1)],
    [Object.assign([1], { x: 1 }), [1]], [new Set([[1, 2], [3]]), new Set([[3], [1, 2]])], [{ a: { b: { c: [1, { d: 2 }] } } }, { a: { b: { c: [1, { d: 2 }] } } }],
  ];
  for (const [left, right] of pairs) print(isDeepStrictEqual(left, right));
  const one = { x: 1 }; one.self = one;
  const two = { x: 1 }; two.self = two;
  print(isDeepStrictEqual(one, two), isDeepStrictEqual(one, { x: 1, self: one }));
  const probes = { args: (function () { return arguments; })(), arrow: () => {}, async: async () => {}, gen: function* () {}, genObject: (function* () {})(), map: new Map(), set: new Set(), mapIt: new Map().keys(), setIt: new Set().values(), weakMap: new WeakMap(), weakSet: new WeakSet(), date: new Date(), regexp: /x/, error: new Error("x"), promise: Promise.resolve(), proxy: new Proxy({}, {}), buffer: new ArrayBuffer(1), view: new DataView(new ArrayBuffer(1)), u8: new Uint8Array(1), f64: new Float64Array(1), num: Object(1), str: Object("s"), sym: Object(Symbol()), big: Object(1n), bool: Object(true), plain: {}, list: [], nil: null, text: "x", asyncGen: async function* () {}, method: { async m() {} }.m };
  for (const [name, probe] of Object.entries(probes)) print(name, Object.keys(types).filter((key) => key !== "isExternal" && types[key](probe)).join());
  await attempt(() => stripVTControlCharacters("\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007"));
  await attempt(() => styleText("red", "x"));
  await attempt(() => styleText(["bold", "underline"], "x"));
  await attempt(() => styleText("nope", "x").slice(0, 10)).catch(() => {});
  await attempt(() => util.toUSVString("a\ud800b"));
  await attempt(() => util.getSystemErrorName(-2));
  await attempt(() => util.parseEnv("A=1\nB='two words'\n# c\nexport C=\"x\\ny\"\nD = spaced # comment\nE="));
  const mime = new MIMEType(" Text/HTML ; charset=UTF-8;q=\"a;b\\\"c\"; bad ;x=");
  print(String(mime), mime.essence, mime.params.get("charset"), [...mime.params.keys()].join(), JSON.stringify([...mime.params]));
  mime.type = "application"; mime.params.set("v", "1 2"); mime.params.delete("q");
  print(`${mime}`, JSON.stringify(mime));
  await attempt(() => new MIMEType("nope"));
  await attempt(() => new MIMEType("a/b c"));
  const options = { verbose: { type: "boolean", short: "v" }, file: { type: "string", short: "f", multiple: true }, level: { type: "string", default: "1" } };
  for (const args of [[], ["-v"], ["--verbose", "--file", "a", "-fb", "--file=c"], ["-vf", "x"], ["pos"], ["--", "pos", "-v"], ["--nope"], ["--file"], ["--verbose=1"], ["--file", "-x"], ["-v", "one", "two"]]) {
    await attempt(() => parseArgs({ args, options }));
    await attempt(() => parseArgs({ args, options, allowPositionals: true, tokens: true }));
    await attempt(() => parseArgs({ args, options, strict: false }));
  }
  await attempt(() => parseArgs({ options: { a: { type: "number" } } }));
  await attempt(() => [util.isArray([]), util.isError(new Error("")), util.isRegExp(/x/), util.isPrimitive(1), util.isObject({}), util.isBuffer(Buffer.alloc(1)), util._extend({ a: 1 }, { b: 2 })]);
  print(Object.keys(util).filter((key) => !key.startsWith("_err") && !key.startsWith("_exc")).sort().join());
}
