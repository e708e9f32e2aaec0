// Tries: to fill the memory for machine code with regular expressions.
// flags: --cpu-ms 1000
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            const last = String.fromCharCode(98 + (i % 20));
            const pattern = new RegExp(`(?:${i}|[a-${last}]+?x{${i % 50}}){2,}`, "iu");
            for (let n = 0; n < 20; n++) pattern.test("aaaaaaaaabbbbbbbb");
            kept.push(pattern);
        }
    },
};
