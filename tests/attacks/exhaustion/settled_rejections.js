// Tries: to have each of many rejections looked for among all others.
// flags: --cpu-ms 2000
// expect: answered or 503 cpu-limit or 503 memory-limit

export default {
    async fetch() {
        await Promise.allSettled(Array.from({ length: 3e5 }, () => Promise.reject(1)));
        return Response.json({ through: [] });
    },
};
