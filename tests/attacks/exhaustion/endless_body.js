// Tries: to answer without end.
// flags: --cpu-ms 60000
// expect: broken off or 503 cpu-limit

export default {
    fetch() {
        const piece = new Uint8Array(64 << 10);
        return new Response(new ReadableStream({ pull(controller) { controller.enqueue(piece); } }));
    },
};
