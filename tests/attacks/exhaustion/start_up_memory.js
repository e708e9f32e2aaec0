// Tries: to fill memory before the first request.
// expect: rejected

const kept = [];
for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
