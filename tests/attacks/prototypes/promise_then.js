// Tries: to stand between the platform and its promises.
// requests: 3
// body: 70000

const then = Promise.prototype.then;
const seen = [];
let mine = true;
Promise.prototype.then = function (...callbacks) {
    if (!mine) seen.push(String(callbacks[0]));
    return Reflect.apply(then, this, callbacks);
};
for (const name of ["catch", "finally"]) {
    Promise.prototype[name] = function () {
        seen.push(name);
        return this;
    };
}
for (const name of ["resolve", "reject", "all", "race", "withResolvers", "any", "allSettled", "try"]) {
    Promise[name] = () => {
        seen.push(name);
        throw new Error("bent");
    };
}

export default {
    fetch(request) {
        mine = false;
        seen.length = 0;
        const reading = request.text();
        const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } });
        const other = new Response(stream).arrayBuffer();
        mine = true;
        const through = [...seen];
        return Reflect.apply(then, reading, [
            (text) => Reflect.apply(then, other, [
                (bytes) => {
                    if (text.length + bytes.byteLength !== 70_001) through.push("the platform broke");
                    return Response.json({ through });
                },
            ]),
        ]);
    },
};
