// node answer.mjs PROGRAM: what a bundled program answers under Node.js, behind node:http, as JSON.
import { createServer, get } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

// Node gives modules no `require`; authors who need it there add one to the bundle.
globalThis.require = createRequire(import.meta.url);
const { default: app } = await import(new URL(process.argv[2], `file://${process.cwd()}/`));
const pending = [];
const server = createServer(async (incoming, outgoing) => {
  try {
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers: incoming.headers });
    const response = await app.fetch(request, { ORIGIN: process.env.ORIGIN }, { waitUntil: (promise) => pending.push(promise) });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing);
    else outgoing.end();
  } catch (error) {
    outgoing.writeHead(500).end(String(error.stack));
  }
});
server.listen(0, "127.0.0.1", () => {
  get({ port: server.address().port, host: "127.0.0.1" }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text) => { body += text; });
    response.on("end", () => {
      process.stdout.write(JSON.stringify({ status: response.statusCode, type: response.headers["content-type"] ?? "", body }));
      process.exit(0);
    });
  });
});
