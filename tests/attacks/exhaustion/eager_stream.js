// Tries: to queue a body without regard to who reads it.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const body = new ReadableStream({
            start(controller) {
                for (;;) controller.enqueue(new Uint8Array(1 << 20));
            },
        });
        return new Response(body);
    },
};
