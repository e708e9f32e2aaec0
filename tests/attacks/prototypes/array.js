// Tries: to see and to bend what the platform does with arrays.
// requests: 3
// body: 70000

const { ownKeys, defineProperty, apply } = Reflect;
const seen = [];
let mine = true;

for (const key of ownKeys(Array.prototype)) {
    const original = Array.prototype[key];
    if (typeof original !== "function" || key === "constructor") continue;
    defineProperty(Array.prototype, key, {
        value(...args) {
            if (!mine) seen[seen.length] = String(key);
            return mine ? apply(original, this, args) : "bent";
        },
    });
}

export default {
    async fetch(request) {
        mine = false;
        const text = await request.text();
        const headers = new Headers({ a: "b" });
        headers.append("a", "c");
        const url = new URL("/x?a=b", "http://a/");
        const found = text.length === 70_000 && headers.get("a") === "b, c" && url.search === "?a=b";
        mine = true;
        const through = seen.slice();
        if (!found) through[through.length] = "the platform broke";
        return Response.json({ through });
    },
};
