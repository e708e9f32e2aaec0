// Tries: to find what another tenant of the cordon has put on its global object.

export default {
    fetch() {
        const found = {};
        for (let object = globalThis; object !== null; object = Object.getPrototypeOf(object)) {
            for (const key of Reflect.ownKeys(object)) {
                try {
                    found[String(key)] = String(object[key]).slice(0, 200);
                } catch (error) {
                    found[String(key)] = String(error);
                }
            }
        }
        const through = "treasure" in globalThis ? ["treasure"] : [];
        return Response.json({ through, found });
    },
};
