// Tries: to stick in a regular expression that tries everything.
// expect: 503 cpu-limit

export default {
    fetch() {
        return Response.json(/^(a|aa|a?)+$/.test("a".repeat(100) + "b"));
    },
};
