// Tries: to find the native functions behind the platform, by name or from what holds them.

const words = /^(ops?|__.*|insula|internal(?!Error).*|primordials|Deno|Bun|core|binding|native.*|host|embedder)$/i;
// What Insula offers under names of other runtimes, and says itself what it is.
const offered = new Set(["globalThis.Deno", "globalThis.Deno.version.deno", "globalThis.process.binding"]);
const legacy = /^__(proto|defineGetter|defineSetter|lookupGetter|lookupSetter)__$/;

export default {
    async fetch(request, env, ctx) {
        const through = [];
        const seen = new Set();
        const waiting = [[globalThis, "globalThis"], [request, "request"], [ctx, "ctx"], [env, "env"],
            [fetch("http://127.0.0.1/").catch(() => {}), "promise"], [new Response("x").body, "body"]];
        while (waiting.length > 0) {
            const [object, path] = waiting.pop();
            if (Object(object) !== object || seen.has(object) || path.length > 200) continue;
            seen.add(object);
            waiting.push([Object.getPrototypeOf(object), `${path}.__proto__`]);
            for (const key of Reflect.ownKeys(object)) {
                const name = String(key);
                if (words.test(name) && !legacy.test(name) && !offered.has(`${path}.${name}`) && !(name === "host" && /URL/.test(path))) {
                    through.push(`${path}.${name}`);
                }
                const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key);
                for (const part of [value, get, set]) waiting.push([part, `${path}.${name}`]);
            }
        }
        return Response.json({ through, count: seen.size });
    },
};
