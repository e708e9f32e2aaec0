// Tries: to reach the bundle and the process's files by its module's own address.

export default {
    async fetch() {
        const through = [];
        const said = [String(import.meta.url), Reflect.ownKeys(import.meta).map(String)];
        for (const url of [import.meta.url, "./index.js", "file:///proc/self/environ", "/proc/self/maps"]) {
            try {
                through.push(await (await fetch(url)).text());
            } catch (error) {
                said.push(error.message);
            }
        }
        return Response.json({ through, said });
    },
};
