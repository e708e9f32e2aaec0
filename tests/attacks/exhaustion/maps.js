// Tries: to fill memory with tables.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        const map = new Map(), set = new Set(), weak = new WeakMap(), object = {};
        for (let i = 0; ; i++) {
            map.set({ i }, i);
            set.add(`${i}`);
            weak.set({}, map);
            object[`key${i}`] = i;
        }
    },
};
