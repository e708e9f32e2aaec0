// Tries: to run code after the end of its request, in finalizers.
// expect: answered or 503 cpu-limit or 503 memory-limit
// requests: 4

const registry = new FinalizationRegistry(() => { for (;;) {} });

export default {
    async fetch() {
        for (let i = 0; i < 1000; i++) registry.register({}, i);
        const kept = [];
        for (let i = 0; i < 300; i++) kept.push(new Array(1000).fill(i));
        await new Promise((done) => setTimeout(done, 5));
        return Response.json({ through: [] });
    },
};
