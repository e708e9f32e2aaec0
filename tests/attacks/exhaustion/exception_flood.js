// Tries: to fill the host's memory with rejections that nobody handles.
// flags: --cpu-ms 1000
// expect: answered or 503 cpu-limit or 503 memory-limit
// requests: 3

export default {
    async fetch() {
        for (let i = 0; i < 20_000; i++) Promise.reject(new Error("x".repeat(10_000)));
        await new Promise((done) => setTimeout(done, 1));
        return Response.json({ through: [] });
    },
};
