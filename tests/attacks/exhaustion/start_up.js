// Tries: to compute for ever before the first request.
// expect: rejected

for (;;) {}
