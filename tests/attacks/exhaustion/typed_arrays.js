// Tries: to fill memory that the engine's heap does not count.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (;;) {
            try {
                kept.push(new Uint8Array(16 << 20).fill(kept.length));
            } catch {}
        }
    },
};
