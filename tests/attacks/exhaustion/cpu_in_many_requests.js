// Tries: to hold the processor with many requests that all compute for ever.
// expect: 503 cpu-limit or 503 overloaded
// at once: 40

export default {
    fetch() {
        for (;;) {}
    },
};
