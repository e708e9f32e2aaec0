import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import timers, { setTimeout as timeout } from "node:timers";
import { setImmediate as immediate, setInterval as interval, setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";

/** Prints what is compressed and decompressed again, and how timers behave. */
export default async function run(print) {
  const attempt = async (work) => {
    // What is wrong with data is another library's to say.
    try { const value = await work(); print(Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value)); } catch (error) { print(error.name, error.code, error.errno, error.code === "Z_DATA_ERROR" || error.message); }
  };
  const long = "compress me, ".repeat(5000);
  for (const [pack, unpack] of [["gzip", "gunzip"], ["deflate", "inflate"], ["deflateRaw", "inflateRaw"], ["brotliCompress", "brotliDecompress"], ["gzip", "unzip"], ["deflate", "unzip"]]) {
    await attempt(() => zlib[`${unpack}Sync`](zlib[`${pack}Sync`]("small €")));
    await attempt(() => { const packed = zlib[`${pack}Sync`](long); return [packed.length < 2000, zlib[`${unpack}Sync`](packed).toString() === long]; });
    await attempt(async () => (await promisify(zlib[unpack])(await promisify(zlib[pack])("later"))).toString());
    const name = (word) => `create${word[0].toUpperCase()}${word.slice(1)}`;
    await attempt(async () => (await text(Readable.from(["stream ", "of ", long]).pipe(zlib[name(pack)]()).pipe(zlib[name(unpack)]()))).length);
    await attempt(() => zlib[`${unpack}Sync`](zlib[`${pack}Sync`](long).subarray(0, 40)));
    await attempt(() => zlib[`${unpack}Sync`](Buffer.alloc(0)).length);
  }
  await attempt(() => zlib.gunzipSync(Buffer.from("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==", "base64")));
  await attempt(() => zlib.gunzipSync("not gzip"));
  await attempt(() => zlib.gunzipSync(Buffer.concat([zlib.gzipSync("one "), zlib.gzipSync("two")])));
  await attempt(() => zlib.inflateSync(zlib.deflateSync("dictionary words", { dictionary: Buffer.from("words dictionary") }), { dictionary: Buffer.from("words dictionary") }));
  await attempt(() => zlib.inflateSync(zlib.deflateSync("x", { dictionary: Buffer.from("xyz") })));
  await attempt(() => zlib.gzipSync("x", { level: 99 }));
  await attempt(() => zlib.gzipSync(5));
  await attempt(() => zlib.gunzipSync(zlib.gzipSync(long), { maxOutputLength: 100 }));
  await attempt(async () => (await buffer(Readable.from([Buffer.from("garbage")]).pipe(zlib.createGunzip()))).length);
  await attempt(() => [zlib.constants.Z_BEST_COMPRESSION, zlib.constants.BROTLI_PARAM_QUALITY, zlib.codes.Z_DATA_ERROR, zlib.codes["-3"]]);

  await attempt(() => zlib.gunzipSync(Buffer.concat(Array(20000).fill(zlib.gzipSync("")))).length);
  await attempt(() => zlib.gunzipSync(Buffer.concat([zlib.gzipSync("one"), Buffer.from("trailing")])));
  const members = Buffer.concat([zlib.gzipSync("first "), zlib.gzipSync(long), zlib.gzipSync(" last")]);
  await attempt(async () => (await text(Readable.from(Array.from(members, (byte) => Buffer.of(byte))).pipe(zlib.createGunzip()))).length);
  const held = zlib.createGunzip();
  let written = false;
  held.write(zlib.gzipSync(Buffer.alloc(1e6, "x")), () => { written = true; });
  held.end(zlib.gzipSync("tail"));
  await wait(20);
  print(written, held.readableLength < 1e5);
  let length = 0;
  for await (const chunk of held) length += chunk.length;
  print(written, length, held.bytesWritten > 1000);
  const dropped = zlib.createGunzip();
  dropped.on("data", () => dropped.destroy());
  dropped.end(zlib.gzipSync(Buffer.alloc(1e6)));
  await new Promise((resolve) => dropped.on("close", resolve));
  print(dropped.destroyed);
  const flushed = zlib.createDeflate(), pieces = [];
  flushed.on("data", (piece) => pieces.push(piece));
  flushed.write("some text");
  await new Promise((resolve) => flushed.flush(zlib.constants.Z_SYNC_FLUSH, resolve));
  await wait(1);
  print(zlib.inflateSync(Buffer.concat(pieces), { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString());

  const seen = [];
  const timer = timeout((value) => seen.push(value), 5, "fires");
  print(typeof timer, typeof timer.ref, timer.hasRef(), typeof timer[Symbol.toPrimitive]());
  const cleared = timers.setTimeout(() => seen.push("never"), 1);
  timers.clearTimeout(cleared);
  const repeat = timers.setInterval(() => { seen.push("tick"); timers.clearInterval(repeat); }, 1);
  timers.setImmediate((value) => seen.push(value), "immediate");
  await wait(15);
  print(seen.sort().join());
  print(await wait(1, "value"), await immediate("now"), await promisify(setTimeout)(1, "promisified"));
  const controller = new AbortController();
  const aborted = wait(1000, null, { signal: controller.signal }).catch((error) => `${error.name} ${error.code}`);
  controller.abort();
  print(await aborted);
  let count = 0;
  for await (const value of interval(1, "i")) { print(value); if (++count === 2) break; }
  try { timers.setTimeout("code"); } catch (error) { print(error.code, error.message); }
}
