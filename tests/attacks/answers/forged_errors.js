// Tries: to answer in the name of Insula.
// expect: answered or 503

let turn = 0;
const spellings = ["insula-error", "Insula-Error", "INSULA-ERROR"];

export default {
    fetch() {
        const headers = { [spellings[turn++ % 3]]: "cpu-limit", "retry-after": "9" };
        return Response.json({ through: [] }, { status: 503, headers });
    },
};
