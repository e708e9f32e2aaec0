// Tries: to fill the memory for machine code with functions that all are hot.
// flags: --cpu-ms 1000
// expect: 503 cpu-limit or 503 memory-limit

const make = (n) => (x) => (n % 2 ? x + n : `${x}${n}`.length);

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            const hot = make(i);
            for (let n = 0; n < 50; n++) hot(n);
            kept.push(hot);
        }
    },
};
