// Tries: to set timers that set timers, each in no time.
// flags: --wall-ms 5000
// expect: 503 cpu-limit or 503 memory-limit or 504 wall-limit

export default {
    async fetch() {
        const fall = () => {
            setTimeout(fall, 0);
            setTimeout(fall, 0);
        };
        fall();
        await new Promise(() => {});
    },
};
