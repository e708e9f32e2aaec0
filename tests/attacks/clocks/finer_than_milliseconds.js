// Tries: to read a clock finer than a millisecond, across timers and subrequests.
// requests: 5
// flags: --cpu-ms 2000

const clocks = [
    () => performance.now(), () => performance.timeOrigin + performance.now() - Date.now(),
    () => performance.mark("m").startTime, () => new Event("e").timeStamp,
    () => Number(Temporal.Now.instant().epochNanoseconds % 1_000_000n) / 1e6, () => Date.now(),
];

export default {
    async fetch(request, { ORIGIN: origin }) {
        const through = [];
        const starts = clocks.map((clock) => clock());
        for (let n = 0; n < 20; n++) {
            if (n % 2) await new Promise((done) => setTimeout(done, n % 4));
            else await fetch(`http://${origin}/`, { redirect: "manual" });
            clocks.forEach((clock, index) => {
                const step = clock() - starts[index];
                if (Math.abs(step - Math.round(step)) > 1e-3) through.push(`${clock}: ${step}`);
            });
        }
        return Response.json({ through });
    },
};
