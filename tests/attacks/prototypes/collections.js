// Tries: to read the platform's tables through replaced methods of Map, Set and WeakMap.
// requests: 3
// body: 70000

const seen = [];
for (const each of [Map, Set, WeakMap, WeakSet, WeakRef]) {
    for (const key of Reflect.ownKeys(each.prototype)) {
        const descriptor = Reflect.getOwnPropertyDescriptor(each.prototype, key);
        if (typeof descriptor.value !== "function" || key === "constructor") continue;
        Object.defineProperty(each.prototype, key, {
            value() {
                seen.push(`${each.name} ${String(key)}`);
            },
        });
    }
}

export default {
    async fetch(request) {
        seen.length = 0;
        const text = await request.text();
        const { signal } = new AbortController();
        signal.addEventListener("abort", () => {});
        const timer = setTimeout(() => {}, 1000);
        clearTimeout(timer);
        structuredClone({ a: [1] });
        const through = [...seen];
        if (text.length !== 70_000) through.push("the platform broke");
        return Response.json({ through });
    },
};
