// Tries: to import files, packages of other runtimes, remote code and the platform's own modules.
// flags: --cpu-ms 1000

const names = [
    "file:///etc/passwd", "/etc/passwd", "../../../../etc/passwd", "./../dynamic_imports.js/../../x.js",
    "node:sqlite", "node:internal/errors", "node:node/errors.js", "node/errors.js", "insula:node/errors.js", "node:insula:ops.js", "bun:ffi", "deno:core", "ext:core/ops",
    "cloudflare:sockets", "cloudflare:workers", "insula:ops", "insula:platform", "insula:main", "insula",
    "platform", "ops", "./ops.js", "ops.js", "main.js", "./main.js", "./primordials.js", "primordials.js",
    "serve.js", "platform/main.js", "insula:js/ops.js", "js/main.js", "/js/main.js", "internal:ops.js",
    "resource://gre/modules/x.js", "chrome://x", "about:blank", "self-hosted", "moz-src:///x.js",
    "http://localhost/x.js", "https://esm.sh/x", "blob:null/1", "data:text/javascript,export default 1",
    "data:application/json,1", "javascript:1", "", " ", "\0", "./\0.js", "%2e%2e/x.js", "...", "//x/y.js",
];

export default {
    async fetch() {
        const through = [], said = [];
        for (const name of names) {
            for (const type of [undefined, "json", "text", "bytes"]) {
                const options = type && { with: { type } };
                try {
                    const module = await import(name, options);
                    through.push(`${name}: ${Object.keys(module)}`);
                } catch (error) {
                    said.push(error.message);
                }
            }
        }
        return Response.json({ through, said });
    },
};
