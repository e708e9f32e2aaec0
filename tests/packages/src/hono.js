import { Hono } from "hono";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { stream } from "hono/streaming";

const app = new Hono();
app.use("*", cors(), etag());
app.get("/users/:id", (c) => c.json({ id: c.req.param("id"), query: c.req.query("q") }));
app.post("/form", async (c) => c.json(await c.req.parseBody()));
app.get("/stream", (c) => stream(c, async (out) => { for (const part of ["a", "b", "c"]) await out.write(part); }));
app.get("/fail", () => { throw new HTTPException(418, { message: "teapot" }); });

export default {
  async fetch() {
    const lines = [];
    for (const [path, init] of [["/users/7?q=x", {}], ["/form", { method: "POST", body: new URLSearchParams({ a: "1", b: "2" }) }], ["/stream", {}], ["/fail", {}], ["/none", {}], ["/users/1", { method: "OPTIONS" }]]) {
      const response = await app.request(path, init);
      lines.push([path, response.status, response.headers.get("etag"), response.headers.get("access-control-allow-origin"), await response.text()]);
    }
    return Response.json(lines);
  },
};
