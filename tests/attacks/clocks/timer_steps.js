// Tries: to have timers fire at finer steps than a millisecond, as a clock made of them.
// flags: --cpu-ms 2000

export default {
    async fetch() {
        const through = [];
        for (const delay of [0.1, 0.5, 0.999, 1.5, -1, NaN, "0.25"]) {
            const before = performance.now();
            await new Promise((done) => setTimeout(done, delay));
            const step = performance.now() - before;
            if (step !== Math.floor(step)) through.push(`${delay}: ${step}`);
        }
        // As many as fire while the clock stands still are no clock, as long as it moves when they fire.
        let ticks = 0;
        const start = performance.now();
        while (performance.now() - start < 5) {
            await new Promise((done) => setTimeout(done, 0));
            ticks += 1;
        }
        return Response.json({ through, ticks });
    },
};
