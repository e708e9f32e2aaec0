// Tries: to keep all WebAssembly memories that the cordon can have.
// flags: --cpu-ms 2000
// expect: 503 memory-limit
// requests: 2

const kept = [];

export default {
    fetch() {
        for (;;) {
            try {
                for (;;) kept.push(new WebAssembly.Memory({ initial: 0 }));
            } catch {
                kept.push(null);
            }
        }
    },
};
