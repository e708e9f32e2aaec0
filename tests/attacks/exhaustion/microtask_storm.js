// Tries: never to leave the microtask queue.
// expect: 503 cpu-limit

export default {
    async fetch() {
        const again = () => queueMicrotask(again);
        again();
        await new Promise(() => {});
    },
};
