// Tries: to run over the end of the stack, in JavaScript and in native code.
// flags: --cpu-ms 2000
// expect: answered or 503 cpu-limit or 503 memory-limit

const DEEP = 100_000;

function wrapped(first, wrap) {
    let value = first;
    for (let i = 0; i < DEEP; i++) value = wrap(value);
    return value;
}

const dives = [
    function dive() { return dive() + 1; },
    () => JSON.parse("[".repeat(DEEP)),
    () => new RegExp("(".repeat(DEEP) + ")".repeat(DEEP)),
    () => wrapped({}, (inner) => new Proxy(inner, {})).x,
    () => structuredClone(wrapped({}, (inner) => ({ inner }))),
    () => JSON.stringify(wrapped({}, (inner) => ({ inner }))),
    () => wrapped(() => 0, (inner) => inner.bind())(),
    () => wrapped([], (inner) => [inner]).flat(Infinity),
    () => String(wrapped([], (inner) => [inner])),
    () => { const o = { toString() { return `${o}`; } }; return `${o}`; },
    () => { class A { constructor() { new A(); } } return new A(); },
    () => { const o = { get [Symbol.iterator]() { return [...o]; } }; return [...o]; },
];

export default {
    fetch() {
        const said = dives.map((dive) => {
            try {
                return typeof dive();
            } catch (error) {
                return String(error);
            }
        });
        return Response.json({ through: [], said });
    },
};
