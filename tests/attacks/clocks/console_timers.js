// Tries: to time itself with the console, and to read the result.
// flags: --cpu-ms 20000

export default {
    async fetch() {
        const through = [], before = Date.now();
        console.time("t");
        let sum = 0;
        for (let i = 0; i < 4e6; i++) sum += i % 7;
        console.timeLog("t");
        if (console.timeEnd("t") !== undefined) through.push("it returns something");
        performance.mark("a");
        for (let i = 0; i < 4e6; i++) sum += i % 7;
        performance.mark("b");
        const { duration } = performance.measure("m", "a", "b");
        if (duration !== 0) through.push(`a measure of ${duration} ms`);
        if (Date.now() !== before) through.push("the date moved");
        return Response.json({ through, sum });
    },
};
