// Tries: to answer with heads of every excessive size.
// flags: --cpu-ms 2000
// expect: answered or 500 tenant-exception or 503 cpu-limit or broken off
// requests: 4

const sizes = [[1, 1 << 20], [600, 10], [400, 1000], [10_000, 1]];
let turn = 0;

export default {
    fetch() {
        const [count, length] = sizes[turn++ % sizes.length];
        const headers = new Headers();
        for (let i = 0; i < count; i++) headers.append(`x-${i}`, "v".repeat(length));
        return Response.json({ through: [] }, { headers });
    },
};
