// Tries: to catch the platform's records with setters and getters on Object.prototype.
// requests: 3
// body: 70000

const names = [
    "status", "statusText", "headers", "body", "url", "method", "stream", "id", "request", "response",
    "signal", "done", "resolve", "reject", "promise", "type", "redirect", "then", "controller",
    "reader", "highWaterMark", "size", "cause", "host", "send", "state", "queue", "chunk", "env",
    "ctx", "waitUntil", "context",
];
const seen = [];
for (const name of names) {
    Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        get() { return undefined; },
        set(value) {
            seen[seen.length] = `${name}: ${typeof value}`;
            Object.defineProperty(this, name, { __proto__: null, value, writable: true, configurable: true });
        },
        configurable: true,
    });
}

export default {
    async fetch(request) {
        seen.length = 0;
        const text = await request.text();
        const response = new Response(text, { __proto__: null, status: 201 });
        const copy = await response.clone().text();
        const through = [...seen];
        if (copy.length !== 70_000) through.push("the platform broke");
        return new Response(JSON.stringify({ __proto__: null, through }));
    },
};
