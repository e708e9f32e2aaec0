// Tries: to pull buffers away from under the platform while it reads them.
// requests: 2

export default {
    async fetch(request) {
        const said = [];
        const buffer = new ArrayBuffer(100_000, { maxByteLength: 200_000 });
        const view = new Uint8Array(buffer);
        const pull = () => { buffer.resize(0); return "x"; };
        for (const use of [
            () => new TextDecoder().decode(view, { get stream() { pull(); return false; } }),
            () => new Blob([view, { toString: pull }]).text(),
            () => crypto.getRandomValues(view),
            () => structuredClone(view, { transfer: [{ toString: pull }, buffer] }),
            () => new Response(view).text().then(pull),
            () => new TextEncoder().encodeInto({ toString: pull }, view),
            () => { const stream = new ReadableStream({ type: "bytes", start(c) { c.enqueue(view); } });
                return stream.getReader({ mode: "byob" }).read(new Uint8Array(buffer)).then(pull, pull); },
        ]) {
            try {
                said.push(String(await use()).slice(0, 10));
            } catch (error) {
                said.push(String(error));
            }
            try {
                buffer.resize(100_000);
            } catch {}
        }
        return Response.json({ through: [], said });
    },
};
