// Tries: to run over the end of the stack with selectors.
// flags: --cpu-ms 2000

const DEEP = 2000;
const link = (text, end = "b") => text.repeat(DEEP / text.length) + end;

const deep = [
    ...["a>", "a ", "a > ", "a\n", "a/**/>", "*:not(.c) "].map((text) => [link(text)]),
    ...[":not(", ":not(.\\)", ":not([a=')'", ":not(/*)*/", ":is(", ":has(", ":nth-child(1 of ", "[", "("].map((text) => [link(text)]),
    [link(":not(", "b" + ")".repeat(DEEP))],
    // As deep as is allowed, alone and all together; and each as long as the one before and a bit.
    ["a>".repeat(64) + "b"],
    ["a ".repeat(64) + "b", "a>".repeat(64) + ":not(".repeat(15) + "[b]"],
    Array.from({ length: 60 }, (_, index) => "a>".repeat(index) + "b"),
    Array.from({ length: 300 }, (_, index) => "a>".repeat(index) + "b"),
];

export default {
    async fetch() {
        const said = [];
        for (const selectors of deep) {
            try {
                const rewriter = new HTMLRewriter();
                for (const selector of selectors) rewriter.on(selector, { element() {} });
                const html = await rewriter.transform(new Response("<a>".repeat(300) + "<b></b>")).text();
                said.push(html.length);
            } catch (error) {
                said.push(String(error));
            }
        }
        // Near the end of the stack, where the parser is called.
        const dive = () => {
            try {
                dive();
            } finally {
                try {
                    new HTMLRewriter().on(":not(".repeat(15) + "b", {});
                } catch {}
            }
        };
        try {
            dive();
        } catch (error) {
            said.push(String(error));
        }
        const worked = said.filter((one) => one === 907).length;
        return Response.json({ through: worked < 3 ? ["selectors that are allowed do not work"] : [], said });
    },
};
