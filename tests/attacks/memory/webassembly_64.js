// Tries: to reserve addresses with memories of other kinds: as large as can be, and with 64-bit addresses.
// flags: --cpu-ms 5000
// expect: answered or 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        const kinds = [
            { initial: 0, maximum: 65536 },
            { initial: 0n, maximum: 1n << 17n, address: "i64" },
            { initial: 0n, maximum: 1n << 37n, address: "i64" },
            { initial: 0, maximum: 65536, shared: true },
        ];
        for (const kind of kinds) {
            try {
                for (let i = 0; i < 2000; i++) kept.push(new WebAssembly.Memory(kind));
            } catch {}
        }
        return Response.json({ through: kept.length > 100 ? [`made ${kept.length}`] : [] });
    },
};
