// Tries: to use up the cordon's region for machine code with regular expressions.
// flags: --memory-mb 1024 --cpu-ms 1500
// expect: 503 cpu-limit or 503 memory-limit

const kept = [];

export default {
    fetch() {
        for (let i = 0; ; i++) {
            const part = `(?:a${i}|x${i}[a-f]{1,9}y|(?:z${i}|w){1,5})`;
            const pattern = new RegExp(part.repeat(30));
            for (let n = 0; n < 12; n++) pattern.exec("bbb");
            kept.push(pattern);
        }
    },
};
