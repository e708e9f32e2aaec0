// Tries: to lie about the length and the framing of an answer, so that the next one is misread.
// requests: 12

const lies = [
    ["content-length", "1"], ["content-length", "100000"], ["content-length", "-1"], ["content-length", "0, 5"],
    ["transfer-encoding", "chunked"], ["transfer-encoding", "gzip, chunked"], ["connection", "upgrade"],
    ["upgrade", "websocket"], ["trailer", "x"], ["keep-alive", "timeout=9999"], ["connection", "content-length"],
    ["te", "trailers"],
];
let turn = 0;

export default {
    fetch() {
        return Response.json({ through: [] }, { headers: [lies[turn++ % lies.length]] });
    },
};
