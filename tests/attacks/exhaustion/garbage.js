// Tries: to keep the collector busy for ever.
// expect: 503 cpu-limit or 503 memory-limit

const registry = new FinalizationRegistry(() => new Array(1000).fill({}));

export default {
    fetch() {
        let chain = null;
        for (let i = 0; ; i++) {
            const object = { chain, ref: new WeakRef({}) };
            registry.register(object, i);
            chain = i % 10_000 === 0 ? null : object;
        }
    },
};
