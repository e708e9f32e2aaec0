// Tries: to have a rewriter walk over the names of a million elements at each end tag.
// flags: --cpu-ms 2000
// expect: broken off or 503 cpu-limit or 503 memory-limit

export default {
    fetch() {
        let count = 0;
        const encoder = new TextEncoder();
        const body = new ReadableStream({
            pull(controller) {
                let names = "";
                if (count < 1e6) for (let i = 0; i < 1e4; i++) names += `<x${(count++).toString(36)}/>`;
                else names = "<br><b></b>".repeat(1e4);
                controller.enqueue(encoder.encode(names));
            },
        });
        return new HTMLRewriter().on("svg > b:nth-of-type(2)", { element() {} }).transform(new Response(body));
    },
};
