// Tries: to have so many selectors tried at each tag that nobody looks at the clock.
// expect: 503 cpu-limit or 503 memory-limit

export default {
    async fetch() {
        const rewriter = new HTMLRewriter();
        for (let i = 0; i < 200; i++) rewriter.on(`*:not(q${i}) `.repeat(9) + "x", { element() {} });
        const html = "<a>".repeat(1000) + "</a>".repeat(1000);
        const body = new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode(html)) });
        await rewriter.transform(new Response(body)).text();
    },
};
