// Tries: to hold the isolate and the host with timers without number.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    async fetch() {
        for (;;) setTimeout(() => {}, 1e9);
    },
};
