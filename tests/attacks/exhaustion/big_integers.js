// Tries: to compute with integers of gigabytes.
// expect: 503 cpu-limit or 503 memory-limit or 502 cordon-crashed
// may end the cordon: one multiplication cannot be interrupted

export default {
    fetch() {
        let number = 3n;
        for (;;) {
            try {
                number **= 3n;
                String(number);
            } catch {
                number = 7n;
            }
        }
    },
};
