// Tries: to take more than its limit with buffers that grow and shrink in place.
// flags: --cpu-ms 5000
// expect: 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            const buffer = new ArrayBuffer(0, { maxByteLength: 4 << 20 });
            for (let size = 4 << 20; size > 0; size >>= 1) buffer.resize(size);
            buffer.resize(4 << 20);
            new Uint8Array(buffer).fill(1);
            kept.push(i % 2 ? buffer.transfer(2 << 20) : buffer);
        }
    },
};
