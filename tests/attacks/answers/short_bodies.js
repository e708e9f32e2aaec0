// Tries: to end a body before, or after, the length that its head announced.
// expect: broken off or answered or 500 tenant-exception
// requests: 4

let turn = 0;

export default {
    fetch() {
        const length = turn++ % 2 ? 14 : 100_000;
        const body = new ReadableStream({
            start(controller) {
                controller.enqueue(new TextEncoder().encode('{"through":[]}HTTP/1.1 200 OK'));
                controller.close();
            },
        });
        return new Response(body, { headers: { "content-length": String(length) } });
    },
};
