import { createContext, Fragment, h } from "preact";
import { useContext, useState } from "preact/hooks";
import { render, renderToStringAsync } from "preact-render-to-string";
import { renderToReadableStream } from "preact-render-to-string/stream";

const Theme = createContext("light");
function Item({ children }) {
  const [n] = useState(3);
  return h("li", { class: useContext(Theme), "data-n": n, style: { color: "blue" } }, children);
}
const page = () => h(Theme.Provider, { value: "dark" }, h("ul", null, h(Fragment, null, ["<one>", "two"].map((text) => h(Item, { key: text }, text)))));

export default {
  async fetch() {
    const stream = renderToReadableStream(page());
    return Response.json([render(page()), await renderToStringAsync(page()), await new Response(stream).text()]);
  },
};
