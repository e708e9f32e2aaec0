// Tries: to pass for the platform's objects with proxies, and to see what it does with them.
// requests: 2

const seen = [];
const watcher = new Proxy({}, {
    get: (_, trap) => (target, ...args) => {
        if (args.some((arg) => typeof arg === "function" && arg !== globalThis.fetch)) seen.push(trap);
        return Reflect[trap](target, ...args);
    },
});
const watched = (target) => new Proxy(target, watcher);

export default {
    async fetch(request, env, ctx) {
        const through = [];
        for (const pass of [
            () => Request.prototype.text.call(watched(request)),
            () => new Request(watched(request)).text(),
            () => new Response(watched(new ReadableStream())).text(),
            () => ctx.waitUntil.call(watched(ctx), 1),
            () => structuredClone(watched({})),
            () => ReadableStream.prototype.getReader.call(watched(new ReadableStream())),
            () => Reflect.get(Response.prototype, "status", watched(new Response())),
            () => fetch(watched(new Request("http://127.0.0.1/"))),
        ]) {
            try {
                const got = await pass();
                if (got !== undefined && String(got) !== "") through.push(`${pass}: ${String(got)}`);
            } catch {}
        }
        // What is no stream or request is a value like any other, and becomes text.
        const known = through.filter((text) => !/new (Request|Response)\(watched/.test(text));
        return Response.json({ through: known, seen, request: typeof env });
    },
};
