// Tries: to use up mappings with buffers of the sizes between which the allocator chooses its ways.
// flags: --memory-mb 512 --cpu-ms 2000
// expect: 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            kept.push(new ArrayBuffer((128 << 10) + (i % 64) * (16 << 10)));
            // What is freed moves the allocator's threshold, unless somebody holds it fast.
            if (i % 8 === 0) new ArrayBuffer((i % 32) << 20).transfer(0);
        }
    },
};
