// Tries: to have as many selectors as there may be read tags that are as long as they may be, so that nobody looks at the clock.
// flags: --cpu-ms 100
// expect: 503 cpu-limit or 503 memory-limit

/** A rewriter with as many of these selectors as it takes. */
function most(selector) {
    let rewriter;
    for (let count = 512; count > 0; count -= 16) {
        rewriter = new HTMLRewriter();
        for (let i = 0; i < count; i++) rewriter.on(selector(i), { element() {} });
        try {
            rewriter.transform(new Response(""));
            return rewriter;
        } catch {}
    }
}

export default {
    async fetch() {
        const selectors = [
            (i) => `[v*="aaa${i}" i]`,
            (i) => `[v*="${"a".repeat(1000)}b${i}" i]`,
            (i) => `[v~="aaaa${i}"]`,
            (i) => `.a${i}:not(.b${i}):not(.c${i}):not(.d${i})`,
            (i) => "* * :nth-of-type(2)" + ` *:not(.a${i})`,
        ];
        const tags = [
            (length) => `<p v=${"a".repeat(length)}>`,
            (length) => `<p v=" ${" ".repeat(length)}" class="${" ".repeat(length)}">`,
            (length) => `<p${"a".repeat(length)}>`,
        ];
        const rewriters = selectors.map(most);
        for (;;) {
            for (const rewriter of rewriters) {
                for (const tag of tags) {
                    for (let length = 8 << 20; length > 1000; length /= 2) {
                        try {
                            await rewriter.transform(new Response(tag(length))).text();
                            break;
                        } catch {}
                    }
                }
            }
        }
    },
};
