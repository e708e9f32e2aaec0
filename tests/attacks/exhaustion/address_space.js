// Tries: to reserve address space with buffers that may grow.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (;;) {
            try {
                kept.push(new ArrayBuffer(1, { maxByteLength: 2 ** 32 }));
            } catch {}
            try {
                kept.push(new ArrayBuffer(2 ** 33));
            } catch {}
        }
    },
};
