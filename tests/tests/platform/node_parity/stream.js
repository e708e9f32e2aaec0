import stream, { addAbortSignal, compose, Duplex, finished, PassThrough, pipeline, Readable, Transform, Writable } from "node:stream";
import { arrayBuffer, blob, buffer, json, text } from "node:stream/consumers";
import { finished as finishedPromise, pipeline as pipelinePromise } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";

/** Turns enough for everything that has begun to end; what takes time here takes one turn each. */
const pause = async () => { for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve)); };
const upper = () => new Transform({ transform(chunk, _encoding, callback) { callback(null, String(chunk).toUpperCase()); } });

/** Logs the events of a stream. */
function watch(print, name, s, events = ["readable", "end", "close", "error", "finish", "drain", "pause", "resume", "prefinish", "pipe", "unpipe"]) {
  for (const event of events) s.on(event, (value) => print(name, event, value instanceof Error ? `${value.name} ${value.code} ${value.message}` : ""));
  return s;
}

async function readables(print) {
  const r = watch(print, "r", new Readable({ read() {} }), ["end", "close", "error"]);
  r.push("a");
  r.push("bc");
  print(r.readableLength, r.readableFlowing, r.read(2)?.toString(), r.read()?.toString(), r.read());
  r.push(null);
  r.resume();
  await pause();
  print(r.destroyed, r.readableEnded, r.readable);
  const flowing = new Readable({ highWaterMark: 3, read() { this.n = (this.n ?? 0) + 1; this.push(this.n > 4 ? null : `${this.n}${this.n}`); } });
  const seen = [];
  flowing.on("data", (chunk) => seen.push(String(chunk)));
  await finishedPromise(flowing);
  print(seen.join());
  const decoded = new Readable({ encoding: "utf8", read() {} });
  decoded.push(Buffer.from([0xe2, 0x82]));
  decoded.push(Buffer.from([0xac]));
  decoded.push(null);
  print(await text(decoded));
  const objects = Readable.from([1, { a: 2 }, "three"]);
  const all = [];
  for await (const item of objects) all.push(item);
  print(JSON.stringify(all), objects.destroyed);
  print(await text(Readable.from("whole string")), await Readable.from(["a", "b"]).toArray().then(String));
  async function* numbers() { try { for (let i = 0; i < 5; i++) yield i; } finally { print("generator closed"); } }
  for await (const n of Readable.from(numbers())) { print(n); if (n === 2) break; }
  await pause();
  const failing = Readable.from((async function* () { yield 1; throw new RangeError("from inside"); })());
  try { for await (const _ of failing); } catch (error) { print(error.name, error.message); }
  const late = watch(print, "late", new Readable({ read() {} }), ["close", "error", "end"]);
  late.push(null);
  late.push("after");
  await pause();
  const bad = watch(print, "bad", new Readable({ read() {} }), ["close", "error"]);
  bad.push(5);
  await pause();
  const nothing = watch(print, "unread", new Readable(), ["close", "error"]);
  nothing.read();
  await pause();
  const readable = new Readable({ read() {} });
  readable.on("readable", () => { let chunk; while ((chunk = readable.read()) !== null) print("readable", String(chunk)); });
  readable.on("end", () => print("readable end"));
  readable.push("x");
  setImmediate(() => { readable.push("y"); readable.push(null); });
  await pause();
  const u = new Readable({ read() {} });
  u.push("world");
  u.unshift("hello ");
  u.push(null);
  print(await text(u), u.readableDidRead);
  const p = new Readable({ read() {} });
  p.on("data", (chunk) => print("data", String(chunk)));
  p.pause();
  p.push("held");
  await pause();
  print(p.isPaused(), p.readableFlowing);
  p.resume();
  await pause();
  p.destroy(new Error("stop"));
  p.on("error", (error) => print("p", error.message));
  await pause();
  print(p.errored?.message, p.destroyed, p.closed);
  print(await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map(async (x) => x * 10).toArray().then(JSON.stringify), await Readable.from([1, 2, 3]).reduce((a, b) => a + b), await Readable.from([3, 4]).some((x) => x > 3), await Readable.from([3, 4]).every((x) => x > 3), await Readable.from([3, 4]).find((x) => x > 3));
  print(await Readable.from([1, 2, 3, 4]).drop(1).take(2).toArray().then(String), await Readable.from([1, 2]).flatMap((x) => [x, x]).toArray().then(String));
  print(await Readable.from([]).reduce((a, b) => a + b).catch((error) => error.code));
  await Readable.from(["p", "q"]).forEach((x) => print("each", x));
}

async function writables(print) {
  const chunks = [];
  const w = watch(print, "w", new Writable({ highWaterMark: 4, write(chunk, encoding, callback) { chunks.push(`${chunk}:${encoding}`); setImmediate(callback); } }), ["drain", "finish", "close", "error", "prefinish"]);
  print(w.write("ab"), w.write("cdef"), w.writableLength, w.writableNeedDrain);
  w.end("last", () => print("end callback"));
  try { w.write("x", (error) => print("write callback", error.code)); } catch (error) { print(error.code); }
  await pause();
  print(chunks.join(), w.writableFinished, w.writableEnded, w.destroyed);
  const good = watch(print, "good", new Writable({ write(chunk, encoding, callback) { print("write", String(chunk)); callback(); }, final(callback) { print("final"); setImmediate(callback); } }), ["finish", "close", "error"]);
  good.write("1", () => print("1 written"));
  good.end("2");
  await pause();
  const corked = new Writable({ writev(list, callback) { print("writev", list.map(({ chunk }) => String(chunk)).join()); callback(); } });
  corked.cork();
  corked.write("a");
  corked.write("b");
  corked.uncork();
  corked.end();
  await finishedPromise(corked);
  const failing = watch(print, "failing", new Writable({ write(_chunk, _encoding, callback) { callback(new TypeError("disk full")); } }), ["error", "close", "finish"]);
  failing.write("x", (error) => print("callback", error?.message));
  await pause();
  for (const [chunk, options] of [[null, {}], [5, {}], [{}, {}], [undefined, { objectMode: true }]]) {
    try { print(new Writable({ ...options, write(c, e, callback) { callback(); } }).write(chunk)); } catch (error) { print(error.code, error.message); }
  }
  const destroyed = watch(print, "destroyed", new Writable({ write(c, e, callback) { setImmediate(callback); }, destroy(error, callback) { print("destroying", error?.message); callback(error); } }), ["close", "error", "finish"]);
  destroyed.write("x", (error) => print("x", error?.code));
  destroyed.write("y", (error) => print("y", error?.code));
  destroyed.destroy();
  destroyed.write("z", (error) => print("z", error?.code));
  await pause();
  const twice = watch(print, "twice", new Writable({ write(c, e, callback) { callback(); callback(); } }), ["error", "close"]);
  twice.write("x");
  await pause();
  const constructed = watch(print, "constructed", new Writable({ construct(callback) { print("construct"); setImmediate(callback); }, write(c, e, callback) { print("wrote", String(c)); callback(); } }), ["finish", "close"]);
  constructed.end("early");
  await pause();
  const ended = new Writable({ write(c, e, callback) { callback(); } });
  ended.end();
  ended.end((error) => print("again", error?.code));
  await pause();
  ended.end((error) => print("after", error?.code));
  await pause();
  function Old(options) { Writable.call(this, options); }
  Object.setPrototypeOf(Old.prototype, Writable.prototype);
  Old.prototype._write = function (chunk, encoding, callback) { print("old", String(chunk)); callback(); };
  const old = new Old();
  old.write("style");
  print(old instanceof Writable, old instanceof stream, new PassThrough() instanceof Writable, new PassThrough() instanceof Readable, Writable.prototype[Symbol.hasInstance] === undefined);
}

async function transforms(print) {
  const t = watch(print, "t", new Transform({ transform(chunk, encoding, callback) { this.push(`<${chunk}>`); callback(); }, flush(callback) { this.push("flushed"); callback(); } }), ["end", "finish", "close"]);
  t.write("a");
  t.end("b");
  print(await text(t));
  await pause();
  const through = new PassThrough();
  through.end("same");
  print(await text(through));
  const bad = watch(print, "bad", new Transform({ transform(chunk, encoding, callback) { callback(new Error("cannot")); } }), ["error", "close"]);
  bad.write("x");
  await pause();
  const none = watch(print, "none", new Transform(), ["error"]);
  try { none.write("x"); } catch (error) { print(error.code, error.message); }
  await pause();
  const duplex = watch(print, "d", new Duplex({ read() { this.push("from"); this.push(null); }, write(chunk, encoding, callback) { print("to", String(chunk)); callback(); } }), ["end", "finish", "close"]);
  duplex.end("it");
  print(await text(duplex));
  await pause();
  const half = watch(print, "half", new Duplex({ allowHalfOpen: false, read() { this.push(null); }, write(c, e, callback) { callback(); } }), ["end", "finish", "close"]);
  half.resume();
  await pause();
  print(await text(Duplex.from(["x", "y"])), await text(Readable.from(["low"]).compose(upper())));
  const shout = compose(upper(), async function* (source) { for await (const chunk of source) yield `${chunk}!`; });
  shout.end("hey");
  print(await text(shout));
  const objects = new Transform({ objectMode: true, transform(x, e, callback) { callback(null, { n: x.n + 1 }); } });
  objects.end({ n: 1 });
  print(JSON.stringify(await objects.toArray()), objects.readableObjectMode, objects.writableObjectMode, objects.readableHighWaterMark, new PassThrough().readableHighWaterMark);
}

async function piping(print) {
  const collect = (name) => watch(print, name, new Writable({ write(chunk, e, callback) { print(name, String(chunk)); setImmediate(callback); } }), ["finish", "pipe", "unpipe", "close"]);
  Readable.from(["1", "2"]).pipe(upper()).pipe(collect("sink"));
  await pause();
  const source = new Readable({ read() {} });
  const one = collect("one");
  const two = collect("two");
  source.pipe(one);
  source.pipe(two, { end: false });
  source.push("both");
  await pause();
  source.unpipe(one);
  source.push("second only");
  source.push(null);
  await pause();
  print(one.writableEnded, two.writableEnded);
  pipeline(Readable.from(["a", "b"]), upper(), collect("pipeline"), (error) => print("done", error));
  await pause();
  pipeline(Readable.from(["a"]), new Transform({ transform(c, e, callback) { callback(new Error("middle")); } }), collect("never"), (error) => print("failed", error.message));
  await pause();
  print(await pipelinePromise(Readable.from(["x", "y"]), async function* (source) { for await (const chunk of source) yield chunk + chunk; }, async (source) => { let all = ""; for await (const chunk of source) all += chunk; return all; }));
  await pipelinePromise(async function* () { yield "gen"; }, collect("from generator"));
  const controller = new AbortController();
  const aborted = pipelinePromise(new Readable({ read() {} }), collect("aborted"), { signal: controller.signal });
  controller.abort();
  print(await aborted.catch((error) => `${error.name} ${error.code}`));
  const closed = new Readable({ read() {} });
  finished(closed, (error) => print("finished", error?.code));
  closed.destroy();
  await pause();
  const signal = new AbortController();
  const abortable = watch(print, "abortable", addAbortSignal(signal.signal, new Readable({ read() {} })), ["error", "close"]);
  signal.abort();
  await pause();
  print(abortable.destroyed);
  try { pipeline(Readable.from([]), () => {}); } catch (error) { print(error.code); }
  try { pipeline(Readable.from([])); } catch (error) { print(error.code); }
  print(await finishedPromise(Readable.from(["q"]).resume()), await finishedPromise(new Writable({ write(c, e, cb) { cb(); } }).destroy(new Error("w"))).catch((error) => error.message));
}

async function adapters(print) {
  const web = Readable.toWeb(Readable.from([Buffer.from("to "), Buffer.from("web")], { objectMode: false }));
  print(web instanceof ReadableStream, await new Response(web).text());
  print(await text(Readable.fromWeb(new Blob(["from web"]).stream())));
  const got = [];
  const writable = Writable.fromWeb(new WritableStream({ write(chunk) { got.push(chunk); }, close() { got.push("closed"); } }));
  writable.write("a");
  writable.end("b");
  await finishedPromise(writable);
  print(got.map(String).join());
  const sunk = [];
  const sink = Writable.toWeb(new Writable({ write(chunk, e, callback) { sunk.push(String(chunk)); callback(); } }));
  const writer = sink.getWriter();
  await writer.write("x");
  await writer.write("y");
  await writer.close();
  print(sunk.join());
  const failing = Readable.fromWeb(new ReadableStream({ pull(c) { c.error(new Error("web failed")); } }));
  print(await text(failing).catch((error) => error.message));
  const pair = Duplex.fromWeb(new TransformStream({ transform(chunk, c) { c.enqueue(String(chunk).toUpperCase()); } }), { encoding: "utf8", objectMode: true });
  pair.end("pair");
  print((await pair.toArray()).join());
  print(JSON.stringify(await json(Readable.from(['{"a":', "1}"]))), (await buffer(Readable.from([Buffer.from("buf")]))).toString(), (await arrayBuffer(Readable.from([Buffer.from("ab")]))).byteLength, (await blob(Readable.from(["blob"]))).size);
}

function decoders(print) {
  for (const encoding of ["utf8", "utf16le", "base64", "base64url", "hex", "latin1", "ascii"]) {
    const bytes = Buffer.from("a€😀é\ud83d", "utf8");
    for (const size of [1, 2, 3, 5]) {
      const decoder = new StringDecoder(encoding);
      let out = "";
      for (let i = 0; i < bytes.length; i += size) out += `${decoder.write(bytes.subarray(i, i + size))}|`;
      print(encoding, size, JSON.stringify(out + decoder.end()));
    }
  }
  for (const bytes of [[0xe2], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff, 0xc3], [0xe0, 0x80], [0xed, 0xa0], [0xf4, 0x90], [0xc0], [0x41, 0xe2, 0x41]]) {
    const decoder = new StringDecoder();
    print(JSON.stringify([decoder.write(Buffer.from(bytes)), decoder.lastNeed, decoder.lastTotal, decoder.end(), decoder.end()]));
  }
  try { new StringDecoder("nope"); } catch (error) { print(error.code, error.message); }
  try { new StringDecoder().write(5); } catch (error) { print(error.code); }
}

/** Prints the events of streams of every kind in their order. */
export default async function run(print) {
  for (const part of [readables, writables, transforms, piping, adapters, decoders]) {
    print("==", part.name);
    let timer;
    const stuck = new Promise((resolve) => { timer = setTimeout(resolve, 5000, "STUCK"); });
    const end = await Promise.race([part(print), stuck]).catch((error) => `THROWN ${error?.message}`);
    clearTimeout(timer);
    print(part.name, end);
  }
  print(Object.keys(stream).filter((key) => !key.startsWith("_")).sort().join());
}
