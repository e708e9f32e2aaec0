// Tries: to confuse who waits for the answer with thenables, proxies and objects that pretend.
// expect: answered or 500 tenant-exception
// requests: 12

let turn = 0;
const answers = [
    () => ({ then(resolve) { resolve(Response.json({ through: [] })); resolve(1); resolve(2); } }),
    () => ({ then(resolve, reject) { reject(1); resolve(1); throw new Error("both"); } }),
    () => ({ get then() { throw new Error("then"); } }),
    () => new Proxy(Response.json({ through: [] }), {}),
    () => Object.create(Response.prototype),
    () => Object.setPrototypeOf(Response.json({ through: [] }), null),
    () => ({ __proto__: Response.prototype, status: 200, headers: [], body: "x" }),
    () => { const r = Response.json({ through: [] }); r.then = (resolve) => resolve("not one"); return r; },
    () => { const p = Promise.resolve(Response.json({ through: [] })); p.then = null; return p; },
    () => { const r = Response.json({ through: [] }); r.text(); return r; },
    () => [Response.json({ through: [] })],
    () => new Promise((resolve, reject) => { reject(Symbol("thrown")); }),
];

export default {
    fetch: () => answers[turn++ % answers.length](),
};
