// Tries: to stop the platform by freezing everything that it might write to.
// requests: 3
// body: 70000

const done = new Set();
function freeze(object) {
    if (Object(object) !== object || done.has(object)) return;
    done.add(object);
    try {
        Object.freeze(object);
    } catch {}
    freeze(Object.getPrototypeOf(object));
    for (const key of Reflect.ownKeys(object)) {
        const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key);
        [value, get, set].forEach(freeze);
    }
}
freeze(globalThis);

export default {
    async fetch(request, env, ctx) {
        freeze(request);
        freeze(env);
        freeze(ctx);
        const text = await request.text();
        const response = Response.json({ through: text.length === 70_000 ? [] : ["it broke"] });
        freeze(response);
        return response;
    },
};
