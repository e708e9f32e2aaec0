// Tries: to multiply data by cloning it.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        let data = { bytes: new Uint8Array(1 << 16), list: [] };
        for (;;) {
            data.list.push(structuredClone(data));
            if (data.list.length > 8) data = { bytes: data.bytes, list: [data] };
        }
    },
};
