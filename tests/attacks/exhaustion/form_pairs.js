// Tries: to have a form of many pairs taken apart, and one of long values put together.
// flags: --cpu-ms 2000
// expect: answered or 503 cpu-limit or 503 memory-limit
// requests: 2

let round = 0;

export default {
    fetch() {
        round += 1;
        try {
            if (round === 1) new URLSearchParams(`${"a&".repeat(4e7)}%41`);
            const params = new URLSearchParams();
            const value = "\u00fc".repeat(1e7);
            for (let i = 0; i < 100; i++) params.append("x", value);
            params.toString();
        } catch (error) {
            if (!(error instanceof RangeError) && !String(error).includes("memory") && !String(error).includes("allocation")) throw error;
        }
        return Response.json({ through: [] });
    },
};
