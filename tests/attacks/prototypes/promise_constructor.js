// Tries: to be handed the platform's own promises, which the language looks up a constructor on.
// requests: 3
// body: 70000

const then = Promise.prototype.then;
const values = [];
const TruePromise = Promise;
Object.defineProperty(Promise.prototype, "constructor", {
    get() {
        // What the promise of somebody else's brings. Its own lookup comes back here once.
        if (!this.mine) {
            this.mine = true;
            Reflect.apply(then, this, [(value) => values.push(value), () => {}]);
        }
        return TruePromise;
    },
});
Object.defineProperty(Promise, Symbol.species, { get: () => TruePromise });

export default {
    async fetch(request) {
        const reading = await request.text();
        const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } });
        await new Response(stream).arrayBuffer();
        const known = [String, ArrayBuffer, Uint8Array, Response, Object];
        const through = values
            .filter((value) => Object(value) === value && !known.some((each) => value instanceof each))
            .map(String);
        if (values.some((value) => typeof value === "function")) through.push("a function");
        if (reading.length !== 70_000) through.push("the platform broke");
        return Response.json({ through });
    },
};
