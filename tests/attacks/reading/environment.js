// Tries: to find more in its environment than its own variables.

export default {
    fetch(request, env, ctx) {
        const found = [];
        for (const start of [env, ctx, request]) {
            for (let object = start; object !== null; object = Object.getPrototypeOf(object)) {
                for (const key of Reflect.ownKeys(object)) {
                    let value;
                    try {
                        value = start[key];
                    } catch (error) {
                        value = error;
                    }
                    found.push([String(key), String(value)]);
                }
            }
        }
        const through = ["SECRET", "VARIABLE", "GLOBAL", "ANSWER"].filter((name) => name in env);
        // These are the same as `env`: nothing of the process, nothing of others.
        for (const other of [process.env, Deno.env.toObject()]) {
            through.push(...Object.keys(other).filter((name) => other[name] !== env[name]));
        }
        return Response.json({ through, found });
    },
};
