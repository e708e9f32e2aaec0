// Tries: to make each growth of a WebAssembly memory a mapping of its own.
// flags: --cpu-ms 5000
// expect: answered or 503 memory-limit
// requests: 2

export default {
    fetch() {
        const memories = Array.from({ length: 8 }, () => new WebAssembly.Memory({ initial: 0 }));
        let grown = 0;
        try {
            for (; grown < 100_000; grown++) memories[grown % 8].grow(1);
        } catch {}
        // 128 MiB are 2,048 pages of WebAssembly.
        return Response.json({ through: grown > 2048 ? [`grew by ${grown} pages`] : [] });
    },
};
