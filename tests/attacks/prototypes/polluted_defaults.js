// Tries: to give the platform's options other defaults through Object.prototype.
// requests: 2

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [];
        Object.assign(Object.prototype, {
            status: 404, statusText: "bent", headers: { "x-bent": "1" }, method: "PUT", body: "bent",
            redirect: "manual", stream: true, fatal: true, ignoreBOM: true, type: "bytes", once: true,
        });
        try {
            const headers = new Headers();
            if (headers.has("x-bent")) through.push("headers");
            const decoder = new TextDecoder();
            if (decoder.fatal && Object.keys(decoder).length) through.push("decoder");
            const stream = new ReadableStream();
            if (String(stream) !== "[object ReadableStream]") through.push("stream");
            const event = new Event("x");
            if (event.type !== "x") through.push("event");
        } finally {
            for (const key of Object.keys(Object.prototype)) delete Object.prototype[key];
        }
        return Response.json({ through });
    },
};
