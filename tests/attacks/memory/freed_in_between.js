// Tries: to use up the cordon's mappings by cutting holes between buffers, so that the kernel cannot join them.
// flags: --memory-mb 4096 --cpu-ms 2000
// expect: 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        for (;;) {
            kept.push(new ArrayBuffer(1 << 20));
            new ArrayBuffer(1 << 20).transfer(0);
        }
    },
};
