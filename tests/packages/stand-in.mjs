// Answers as the services that the packages talk to; prints its address.
import { createServer } from "node:http";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { extname } from "node:path";

let refused = false;
const objects = new Map();
const modified = new Date(Date.UTC(2024, 0, 2)).toUTCString();

const routes = [
  ["POST", /^\/openai\/v1\/chat\/completions$/, ({ json, reply, stream }) => {
    if (!json.stream) return reply(200, { id: "c1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content: `you said: ${json.messages[0].content}` }, finish_reason: "stop" }] });
    const parts = ["one ", "two ", "three €"].map((content) => `data: ${JSON.stringify({ id: "c2", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`);
    return stream([...parts, "data: [DONE]\n\n"], "text/event-stream");
  }],
  ["GET", /^\/openai\/v1\/models\/missing$/, ({ reply }) => reply(404, { error: { message: "no such model", type: "invalid_request_error" } })],
  // The first time too many requests, so that the client has to ask again.
  ["GET", /^\/openai\/v1\/models$/, ({ reply }) => ((refused = !refused) ? reply(429, { error: { message: "slow down" } }, { "retry-after-ms": "5" }) : reply(200, { object: "list", data: [{ id: "stand-in", object: "model" }] }))],
  ["POST", /^\/openai\/v1\/files$/, ({ body, reply }) => reply(200, { id: "file-1", bytes: 8, filename: /filename="([^"]+)"/.exec(body)?.[1], purpose: /name="purpose"\r\n\r\n(\w+)/.exec(body)?.[1], holds: body.includes("contents") })],
  ["PUT", /^\/s3\/b\/(.+?)(\?.*)?$/, ({ match, body, headers, signed, reply }) => {
    if (!signed) return reply(403, "");
    objects.set(decodeURIComponent(match[1]), { body: unchunk(body, headers), type: headers["content-type"], who: headers["x-amz-meta-who"] });
    return reply(200, "", { etag: `"${createHash("md5").update(unchunk(body, headers)).digest("hex")}"` });
  }],
  ["GET", /^\/s3\/b\/?\?list-type=2/, ({ reply }) => reply(200, `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>${objects.size}</KeyCount><IsTruncated>false</IsTruncated>${[...objects].map(([key, { body }]) => `<Contents><Key>${key}</Key><Size>${body.length}</Size></Contents>`).join("")}</ListBucketResult>`, { "content-type": "application/xml" })],
  ["GET", /^\/s3\/b\/(.+?)(\?.*)?$/, object], ["HEAD", /^\/s3\/b\/(.+?)(\?.*)?$/, object],
  ["DELETE", /^\/s3\/b\/(.+?)(\?.*)?$/, ({ match, reply }) => { objects.delete(decodeURIComponent(match[1])); return reply(204, ""); }],
  ["POST", /^\/v1\/customers$/, ({ body, reply }) => reply(200, { id: "cus_1", object: "customer", sent: body })],
  ["GET", /^\/v1\/charges\/ch_missing$/, ({ reply }) => reply(404, { error: { type: "invalid_request_error", code: "resource_missing", message: "No such charge" } })],
  ["GET", /^\/assets\/([a-z0-9./_-]+)$/i, asset],
  ["POST", /^\/api\/1\/envelope\//, ({ reply }) => reply(200, { id: "0" })],
];

/** Static files of the framework's build, its rendered pages included. */
function asset({ match, reply }) {
  const types = { ".html": "text/html", ".js": "text/javascript", ".txt": "text/plain" };
  for (const path of [match[1], `${match[1]}.html`]) {
    try {
      return reply(200, readFileSync(new URL(path, new URL("dist/sveltekit/cloudflare/", import.meta.url)), "utf8"), { "content-type": types[extname(path)] ?? "application/octet-stream" });
    } catch {}
  }
  return reply(404, "", { "content-type": "text/plain" });
}

function object({ match, reply }) {
  const found = objects.get(decodeURIComponent(match[1]));
  if (!found) return reply(404, '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>', { "content-type": "application/xml" });
  return reply(200, found.body, { "content-type": found.type, "x-amz-meta-who": found.who, "last-modified": modified });
}

/** The body of an upload that comes in signed chunks. */
function unchunk(body, headers) {
  if (!headers["content-encoding"]?.includes("aws-chunked")) return body;
  const size = Number.parseInt(body, 16);
  const start = body.indexOf("\r\n") + 2;
  return body.slice(start, start + size);
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const reply = (status, content, headers = {}) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    response.writeHead(status, { ...(typeof content === "string" ? {} : { "content-type": "application/json" }), "content-length": Buffer.byteLength(text), ...headers });
    response.end(request.method === "HEAD" ? undefined : text);
  };
  const stream = async (parts, type) => {
    response.writeHead(200, { "content-type": type });
    for (const part of parts) {
      response.write(part);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    response.end();
  };
  const signed = /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//.test(request.headers.authorization ?? "");
  for (const [method, pattern, handle] of routes) {
    const match = method === request.method && pattern.exec(request.url);
    if (!match) continue;
    let json;
    try { json = JSON.parse(body); } catch { json = undefined; }
    return handle({ match, body, json, headers: request.headers, signed, reply, stream });
  }
  return reply(404, { error: { message: `nothing at ${request.method} ${request.url}` } });
});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${server.address().port}`));
