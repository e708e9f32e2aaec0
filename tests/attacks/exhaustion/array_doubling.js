// Tries: to double an array for ever.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        let array = [1, 2, 3];
        for (;;) array = array.concat(array);
    },
};
