// Tries: to compute for ever in a handler that catches everything.
// expect: 503 cpu-limit
// requests: 3

export default {
    fetch() {
        for (;;) {
            try {
                for (;;) {}
            } finally {
                continue;
            }
        }
    },
};
