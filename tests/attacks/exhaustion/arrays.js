// Tries: to fill memory with arrays.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (;;) kept.push(new Array(1000).fill(kept.length));
    },
};
