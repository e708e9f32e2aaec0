// Tries: to fill the host's memory with log lines.
// flags: --cpu-ms 1000
// expect: answered or 503 cpu-limit or 503 memory-limit
// requests: 5

export default {
    fetch() {
        const line = "flood ".repeat(2000);
        for (let i = 0; i < 20_000; i++) console.log(line, i);
        return Response.json({ through: [] });
    },
};
