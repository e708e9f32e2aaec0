// Tries: to be called by the platform through getters where its globals were.
// requests: 3

const seen = [];
const keep = new Set(["Response", "globalThis", "undefined", "NaN", "Infinity", "Reflect", "JSON"]);
const KeptResponse = Response;
for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (keep.has(name)) continue;
    try {
        Object.defineProperty(globalThis, name, {
            get() {
                seen[seen.length] = name;
                return undefined;
            },
            set(value) {
                seen[seen.length] = `set ${name}`;
            },
        });
    } catch {}
}

export default {
    async fetch(request) {
        seen.length = 0;
        const text = await request.text();
        const { pathname } = { pathname: request.url };
        const copy = request.headers.get("host") + pathname + text;
        const through = [...seen];
        return KeptResponse.json({ through, copy });
    },
};
