// node answer.mjs PROGRAM REQUESTS: what a bundled program answers under Node.js, behind node:http, to requests that are
// given as JSON, `[{ method, path, headers, body }]`; prints a list of `{ status, headers, body }`.
import { createServer, request as ask } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

// Node gives modules no `require`; authors who need it there add one to the bundle.
globalThis.require = createRequire(import.meta.url);
// Nor has it a cache of responses; this one keeps nothing.
globalThis.caches = { default: { match: async () => undefined, put: async () => {} } };
const { default: app } = await import(new URL(process.argv[2], `file://${process.cwd()}/`));
const pending = [];
const server = createServer(async (incoming, outgoing) => {
  try {
    const body = ["GET", "HEAD"].includes(incoming.method) ? {} : { body: Readable.toWeb(incoming), duplex: "half" };
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { method: incoming.method, headers: incoming.headers, ...body });
    const response = await app.fetch(request, { ORIGIN: process.env.ORIGIN }, { waitUntil: (promise) => pending.push(promise) });
    outgoing.writeHead(response.status, [...response.headers].flat());
    if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing);
    else outgoing.end();
  } catch (error) {
    outgoing.writeHead(500).end(String(error.stack));
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const answers = [];
for (const { method = "GET", path, headers, body } of JSON.parse(process.argv[3])) answers.push(await answer(method, path, headers, body));
process.stdout.write(JSON.stringify(answers));
process.exit(0);

function answer(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const asking = ask({ port: server.address().port, host: "127.0.0.1", method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => { text += part; });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    asking.on("error", reject).end(body);
  });
}
