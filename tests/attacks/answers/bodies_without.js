// Tries: to send a body where there must be none, to be read as the next answer.
// expect: 204 or 304 or 205 or 500 tenant-exception or answered
// requests: 6

let turn = 0;

export default {
    fetch() {
        const status = [204, 205, 304][turn++ % 3];
        const hidden = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstole";
        try {
            return new Response(hidden, { status });
        } catch {
            return new Response(null, { status, headers: { "content-length": "50" } });
        }
    },
};
