// Tries: to use up the cordon's mappings with buffers that it never touches.
// flags: --memory-mb 4096 --cpu-ms 2000
// expect: 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        for (;;) kept.push(new ArrayBuffer(1 << 20));
    },
};
