// Tries: to lose count of a buffer's bytes by moving it from owner to owner, each time in another size.
// flags: --cpu-ms 5000
// expect: 503 memory-limit
// requests: 2

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            let buffer = new ArrayBuffer(1 << 20);
            buffer = buffer.transfer((i % 3) << 19);
            buffer = structuredClone(buffer, { transfer: [buffer] });
            buffer = buffer.transferToFixedLength(3 << 19);
            kept.push(buffer.transfer());
        }
    },
};
