// Tries: to make the largest array that there is, in every way.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            try {
                kept.push(new Array(2 ** 32 - 1).fill(i));
            } catch {}
            try {
                kept.push(Array.from({ length: 2 ** 32 - 1 }));
            } catch {}
        }
    },
};
