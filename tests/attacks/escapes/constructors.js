// Tries: to make code from strings through constructors of functions.

const reached = [
    () => ({}).constructor.constructor("return this")(),
    () => (() => {}).constructor("return 1")(),
    () => (async () => {}).constructor("return 1")(),
    () => (function* () {}).constructor("yield 1")().next(),
    () => (async function* () {}).constructor("yield 1")().next(),
    () => Reflect.construct(Function, ["return 1"])(),
    () => Reflect.apply(Function, null, ["return 1"])(),
    () => Reflect.construct(Function, [], class extends Function {})(),
    () => new (class extends Function { constructor() { super("return 1"); } })()(),
    () => [].map.constructor`return 1`(),
    () => Headers.constructor("return 1")(),
    () => fetch.constructor("return 1")(),
    () => Function.prototype.constructor.call(null, "a = 1", "return a")(),
    () => Function.bind(null, "return 1")()(),
];

export default {
    fetch(request) {
        const through = [];
        reached.push(() => request.constructor.constructor("return 1")());
        for (const reach of reached) {
            try {
                const got = reach();
                // A function without code of the attacker's is not code from a string.
                if (got !== undefined) through.push(`${reach}: ${String(got)}`);
            } catch {}
        }
        return Response.json({ through });
    },
};
