// Tries: to catch what the platform puts into arrays, with setters for their elements.
// expect: answered or 500 tenant-exception or 503 cpu-limit
// requests: 4
// body: 70000

// Queues of the platform are arrays, too: what it adds to them must not pass here.
const caught = [];
for (let index = 0; index < 20; index++) {
    Object.defineProperty(Array.prototype, index, {
        set(value) {
            caught.last = { __proto__: null, value, before: caught.last };
        },
        configurable: true,
    });
}

function suspicious(value, depth) {
    if (typeof value === "function") return `${value}`.includes("[native code]") && value.name !== "";
    if (Object(value) !== value || depth > 3) return false;
    for (const key of Reflect.ownKeys(value)) {
        const { value: inner } = Reflect.getOwnPropertyDescriptor(value, key);
        if (suspicious(inner, depth + 1)) return true;
    }
    return false;
}

export default {
    async fetch(request) {
        let found = "";
        for (let each = caught.last; each; each = each.before) {
            if (suspicious(each.value, 0)) found = `"${typeof each.value}"`;
        }
        if (found === "") await request.arrayBuffer();
        return new Response(`{"through":[${found}]}`);
    },
};
