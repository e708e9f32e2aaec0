// Tries: to fill native memory with formatters and segmenters.
// flags: --cpu-ms 1000
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (;;) {
            kept.push(
                new Intl.DateTimeFormat("en", { dateStyle: "full" }),
                new Intl.Collator("de"),
                new Intl.Segmenter("th", { granularity: "word" }).segment("x".repeat(10_000)),
            );
        }
    },
};
