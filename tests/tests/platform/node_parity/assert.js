import assert, { AssertionError, strict } from "node:assert";

/** Prints what passes and what fails, and with what. */
export default async function run(print) {
  const attempt = async (work) => {
    try {
      await work();
      print("passes");
    } catch (error) {
      print(error.name, error.code, error.operator, error.generatedMessage, JSON.stringify(error.actual), JSON.stringify(error.expected), error.generatedMessage && error.code === "ERR_ASSERTION" ? "" : error.message);
    }
  };
  const cases = [() => assert(1), () => assert(0, "zero"), () => assert.ok(null, new TypeError("own")), () => assert.equal(1, "1"), () => assert.equal(1, 2, "differs"), () => assert.equal(NaN, NaN), () => assert.notEqual(1, 1, "same"), () => assert.strictEqual(1, "1", "strict"), () => assert.strictEqual(NaN, NaN), () => assert.notStrictEqual(1, 1, "x"),
    () => assert.deepEqual({ a: 1 }, { a: "1" }), () => assert.deepStrictEqual({ a: 1 }, { a: "1" }, "deep"), () => assert.deepEqual([1, [2]], [1, [2]]), () => assert.deepEqual(new Set([1]), new Set(["1"])), () => assert.deepEqual(new Map([[1, 2]]), new Map([["1", 2]])), () => assert.notDeepEqual({ a: 1 }, { a: 1 }, "m"), () => assert.notDeepStrictEqual({ a: 1 }, { a: "1" }), () => strict.equal(1, "1", "s"), () => strict.deepEqual([1], ["1"], "s"),
    () => assert.throws(() => { throw new TypeError("bad"); }), () => assert.throws(() => { throw new TypeError("bad"); }, TypeError), () => assert.throws(() => { throw new TypeError("bad"); }, /bad/), () => assert.throws(() => { throw new TypeError("bad"); }, { name: "TypeError", message: "bad" }), () => assert.throws(() => { throw new TypeError("bad"); }, { message: /b/ }), () => assert.throws(() => { throw new TypeError("bad"); }, (error) => error.message === "bad"), () => assert.throws(() => {}), () => assert.throws(() => {}, TypeError, "why"), () => assert.throws(() => { throw new TypeError("bad"); }, RangeError, "class"), () => assert.throws(() => { throw new TypeError("bad"); }, /good/, "pattern"), () => assert.throws(5), () => assert.throws(() => { throw new TypeError("bad"); }, {}),
    () => assert.doesNotThrow(() => {}), () => assert.doesNotThrow(() => { throw new Error("x"); }, "unwanted"), () => assert.rejects(Promise.reject(new Error("late"))), () => assert.rejects(async () => {}, "nothing"), () => assert.rejects(() => 5), () => assert.rejects(Promise.reject(new Error("late")), { message: "late" }), () => assert.doesNotReject(Promise.resolve()), () => assert.doesNotReject(Promise.reject(new Error("r")), "n"),
    () => assert.match("abc", /b/), () => assert.match("abc", /x/, "no match"), () => assert.doesNotMatch("abc", /x/), () => assert.doesNotMatch("abc", /b/, "matches"), () => assert.ifError(null), () => assert.ifError(undefined), () => assert.fail(), () => assert.fail("failed"), () => assert.fail(new RangeError("r")), () => assert.equal(1), () => assert.deepEqual(), () => { throw new AssertionError({ actual: 1, expected: 2, operator: "strictEqual", message: "made" }); }];
  for (const work of cases) await attempt(work);
  try { assert.strictEqual(1, 2); } catch (error) { print(error.message, error instanceof AssertionError, error instanceof Error, String(error).split(":")[0]); }
  print(assert.strict === strict, strict.strict === strict, Object.keys(assert).sort().join());
}
