// Tries: to fill memory with strings, flat and roped.
// expect: 503 cpu-limit or 503 memory-limit or 502 cordon-crashed
// may end the cordon: flattening and quoting a long string cannot be interrupted

export default {
    fetch() {
        const kept = [];
        for (let i = 0; ; i++) {
            kept.push(`${i}`.padStart(100_000, "long"), (i + "x").repeat(50_000));
            let rope = "r";
            try {
                for (let n = 0; n < 29; n++) rope += rope;
                kept.push(rope.replace("r", "s"), JSON.stringify(rope));
            } catch {}
        }
    },
};
