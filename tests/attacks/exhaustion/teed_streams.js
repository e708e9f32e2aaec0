// Tries: to buffer a body in branches that nobody reads.
// flags: --cpu-ms 1000
// expect: 503 cpu-limit or 503 memory-limit

export default {
    async fetch() {
        const piece = new Uint8Array(1 << 16).fill(1);
        let branch = new ReadableStream({ pull(controller) { controller.enqueue(piece.slice()); } });
        for (let i = 0; i < 50; i++) branch = branch.tee()[1];
        for await (const _ of branch);
    },
};
