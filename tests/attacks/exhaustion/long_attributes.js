// Tries: to have as many selectors as there may be read tags that are as long as they may be, so that nobody looks at the clock.
// flags: --cpu-ms 500
// expect: 503 cpu-limit or 503 memory-limit

// Made at the start, so that all the time of a request goes into the documents.
const rewriters = [
    [512, (i) => `[v*="aaa${i}" i]`],
    [30, (i) => `[v*="${"a".repeat(1000)}b${i}" i]`],
    [512, (i) => `[v~="aaaa${i}"]`],
    [512, (i) => `.a${i}:not(.b${i}):not(.c${i}):not(.d${i})`],
    [400, (i) => `*:not(.a${i}) *:not(.b${i}) * :nth-of-type(2)`],
].map(([count, selector]) => {
    const rewriter = new HTMLRewriter();
    for (let i = 0; i < count; i++) rewriter.on(selector(i), { element() {} });
    return rewriter;
});

const tags = [
    (length) => `<p v=${"a".repeat(length)}>`,
    (length) => `<p v="${" ".repeat(length)}">`,
    (length) => `<p class="${" ".repeat(length)}">`,
    (length) => `<a><a><a><p${"a".repeat(length)}>`,
];

export default {
    async fetch() {
        for (;;) {
            for (const rewriter of rewriters) {
                for (const tag of tags) {
                    let length = 8 << 20;
                    while (length > 0) {
                        try {
                            await rewriter.transform(new Response(tag(length))).text();
                            break;
                        } catch {
                            length = Math.floor(length * 0.7);
                        }
                    }
                    if (length < 40_000) return Response.json({ through: ["tags of ordinary length are refused"] });
                }
            }
        }
    },
};
