// Tries: to fill tables that may live as long as the process: symbols and names.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const object = {};
        for (let i = 0; ; i++) {
            Symbol.for(`symbol ${i} ${"x".repeat(1000)}`);
            object[`name${i}`] = Symbol();
        }
    },
};
