// Tries: to see time pass while it computes.
// flags: --cpu-ms 20000

const clocks = {
    now: () => Date.now(),
    date: () => new Date().getTime(),
    text: () => Date.parse(Date()),
    performance: () => performance.now(),
    mark: () => performance.mark("m").startTime,
    event: () => new Event("e").timeStamp,
    origin: () => performance.timeOrigin,
    temporal: () => Number(Temporal.Now.instant().epochNanoseconds),
    zoned: () => Number(Temporal.Now.zonedDateTimeISO("UTC").epochNanoseconds),
    plain: () => Temporal.Now.plainTimeISO("UTC").toString(),
    file: () => new File([], "f").lastModified,
    format: () => new Intl.DateTimeFormat("en", { fractionalSecondDigits: 3, second: "numeric" }).format(),
    locale: () => new Date().toISOString(),
    request: () => new Request("http://a/").headers.get("date"),
};

function burn() {
    let sum = 0;
    for (let i = 0; i < 4e6; i++) sum += i % 7;
    return sum;
}

export default {
    async fetch() {
        const through = [], said = {};
        for (const [name, read] of Object.entries(clocks)) {
            try {
                const before = read();
                burn();
                const after = read();
                said[name] = before;
                if (before !== after) through.push(`${name}: ${before} and ${after}`);
            } catch (error) {
                said[name] = error.message;
            }
        }
        // A promise job is the same turn.
        const before = Date.now() + performance.now();
        burn();
        await null;
        if (Date.now() + performance.now() !== before) through.push("a promise job");
        return Response.json({ through, said });
    },
};
