// Tries: to starve everything else with promises that beget promises.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    async fetch() {
        const again = () => Promise.all([Promise.resolve().then(again), Promise.resolve().then(again)]);
        await again();
    },
};
