import { Marked, marked } from "marked";

const text = "# Title\n\nSome *emphasis*, **strong**, `code` and [a link](http://x.test \"t\").\n\n- one\n- two\n  1. nested\n\n> quote\n\n```js\nlet a = 1 < 2;\n```\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n<div>raw</div>\n\n![image](i.png) ~~gone~~ https://auto.link\n\n- [x] done\n";

export default {
  async fetch() {
    const custom = new Marked({ gfm: true, breaks: true, renderer: { heading({ tokens, depth }) { return `<h${depth} id="x">${this.parser.parseInline(tokens)}</h${depth}>\n`; } } });
    return Response.json([marked(text), custom.parse(text), marked.lexer("a\n\nb").map((token) => token.type), await marked.parse("*async*", { async: true }), marked.parseInline("_inline_ &amp; <b>")]);
  },
};
