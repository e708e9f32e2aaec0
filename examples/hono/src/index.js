// A small JSON API on the unmodified `hono` package: notes kept in memory.
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";

const notes = new Map([[1, { id: 1, text: "water the plants", tags: ["home"] }]]);
let lastId = 1;

const app = new Hono();

// Middleware: every answer says who made it, and how it was routed.
app.use("*", async (c, next) => {
  await next();
  c.header("x-powered-by", "hono");
  c.header("x-route", `${c.req.method} ${new URL(c.req.url).pathname}`);
});

app.get("/", (c) => c.json({ api: "notes", routes: ["/notes", "/notes/:id", "/echo"] }));

app.get("/notes", (c) => {
  const tag = c.req.query("tag");
  const found = [...notes.values()].filter((note) => !tag || note.tags.includes(tag));
  return c.json({ count: found.length, notes: found });
});

app.get("/notes/:id{[0-9]+}", (c) => c.json(existing(c)));

app.post("/notes", async (c) => {
  const { text, tags = [] } = await body(c);
  if (typeof text !== "string" || text === "") {
    throw new HTTPException(422, { message: "text must be a non-empty string" });
  }
  const note = { id: (lastId += 1), text, tags };
  notes.set(note.id, note);
  return c.json(note, 201, { location: `/notes/${note.id}` });
});

app.delete("/notes/:id{[0-9]+}", (c) => {
  notes.delete(existing(c).id);
  return c.body(null, 204);
});

// What arrived, in every shape that a client can send.
app.all("/echo", async (c) => {
  const type = c.req.header("content-type") ?? "";
  const isForm = type.startsWith("multipart/") || type.startsWith("application/x-www-form-urlencoded");
  return c.json({
    method: c.req.method,
    query: c.req.queries(),
    type,
    body: isForm ? await c.req.parseBody({ all: true }) : await c.req.text(),
  });
});

app.get("/fail", () => {
  throw new Error("this is on purpose");
});

app.notFound((c) => c.json({ error: `nothing at ${c.req.path}` }, 404));

app.onError((error, c) => {
  if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
  console.error(error);
  return c.json({ error: "internal error" }, 500);
});

function existing(c) {
  const note = notes.get(Number(c.req.param("id")));
  if (!note) throw new HTTPException(404, { message: `no note ${c.req.param("id")}` });
  return note;
}

async function body(c) {
  try {
    return await c.req.json();
  } catch {
    throw new HTTPException(400, { message: "the body is not JSON" });
  }
}

export default app;
