import { AutoRouter, error, json, withParams } from "itty-router";

const router = AutoRouter({ before: [withParams] });
router.get("/hello/:name?", ({ name }) => `hello ${name ?? "world"}`).get("/json", () => ({ a: [1, 2] })).post("/echo", async (request) => json(await request.json())).get("/fail", () => error(403, "no"));

export default {
  async fetch() {
    const lines = [];
    for (const [path, init] of [["/hello", {}], ["/hello/ada", {}], ["/json", {}], ["/echo", { method: "POST", body: '{"x":1}', headers: { "content-type": "application/json" } }], ["/fail", {}], ["/missing", {}]]) {
      const response = await router.fetch(new Request(`http://router.test${path}`, init));
      lines.push([path, response.status, response.headers.get("content-type"), await response.text()]);
    }
    return Response.json(lines);
  },
};
