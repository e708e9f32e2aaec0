// Tries: to become the handler of other requests after the start, or of other events.
// requests: 3

const through = [];
const steal = (event) => {
    through.push(event.type);
    event.respondWith?.(new Response("stolen"));
};

export default {
    async fetch(request) {
        for (const type of ["fetch", "install", "activate", "message", "connect", "scheduled", "tail"]) {
            try {
                addEventListener(type, steal);
            } catch {}
        }
        try {
            dispatchEvent(new Event("tail"));
        } catch {}
        // An event that it dispatched itself is no event of the host's.
        through.length = 0;
        await new Promise((done) => setTimeout(done, 1));
        return Response.json({ through });
    },
};
