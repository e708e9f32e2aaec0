// Tries: to keep what belongs to other clients' requests and to read it later.
// requests: 4
// body: 100000

const kept = [];

export default {
    async fetch(request, env, ctx) {
        const through = [];
        for (const old of kept) {
            const text = await old.request.text().catch(() => "");
            if (text !== "") through.push(text);
            try {
                const read = await old.request.body.getReader().read();
                if (read.value) through.push(String(read.value));
            } catch {}
            try {
                old.ctx.waitUntil(Promise.resolve());
            } catch {}
        }
        kept.push({ request, ctx });
        // Something of one's own to find, if bodies are mixed up.
        await request.arrayBuffer();
        return Response.json({ through });
    },
};
