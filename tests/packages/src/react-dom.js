import React, { createElement as h, Suspense, use, useId, useMemo, useState } from "react";
import { renderToReadableStream, renderToString } from "react-dom/server.edge";

function Counter({ start }) {
  const [count] = useState(start);
  const id = useId();
  return h("button", { id, onClick() {}, style: { color: "red", marginTop: 4 }, className: "c" }, "count: ", useMemo(() => count * 2, [count]));
}
let loading;
function Late() {
  return h("p", null, use(loading));
}
const Context = React.createContext("none");
const App = () => h("html", null, h("body", null, h(Context.Provider, { value: "given" }, h(Context.Consumer, null, (value) => h("i", null, value))), h(Counter, { start: 21 }), h(Suspense, { fallback: h("span", null, "loading") }, h(Late)), h("div", { dangerouslySetInnerHTML: { __html: "<b>raw</b>" } }), "<escaped> & done"));

export default {
  async fetch() {
    loading = new Promise((resolve) => setTimeout(() => resolve("late text"), 20));
    const stream = await renderToReadableStream(h(App), { bootstrapScripts: ["/main.js"] });
    // What was rendered so far leaves before the late part is there.
    return new Response(stream, { headers: { "content-type": "text/html", "x-static": String(renderToString(h("ul", null, [1, 2].map((key) => h("li", { key }, key))))) } });
  },
};
