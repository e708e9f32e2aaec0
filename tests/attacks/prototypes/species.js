// Tries: to get the platform's buffers made by a class of one's own.
// requests: 2
// body: 70000

const seen = [];
for (const each of [Array, ArrayBuffer, Map, Set, Object.getPrototypeOf(Uint8Array)]) {
    Object.defineProperty(each, Symbol.species, {
        get() {
            seen[seen.length] = each.name;
            return class extends each {};
        },
    });
}
for (const each of [ArrayBuffer, Uint8Array]) {
    for (const name of ["slice", "subarray", "set", "transfer"]) {
        const original = each.prototype[name];
        if (original === undefined) continue;
        Object.defineProperty(each.prototype, name, {
            value(...args) {
                seen[seen.length] = `${each.name}.${name}`;
                return Reflect.apply(original, this, args);
            },
        });
    }
}

export default {
    async fetch(request) {
        const before = seen.length;
        const blob = new Blob([await request.arrayBuffer()]).slice(10);
        const bytes = await new Response(blob.stream()).arrayBuffer();
        const through = seen.slice(before).map(String);
        if (bytes.byteLength !== 69_990) through.push("the platform broke");
        return Response.json({ through });
    },
};
