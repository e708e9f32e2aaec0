import process, { env, hrtime, nextTick } from "node:process";
import { createRequire, isBuiltin } from "node:module";

/** Prints the order of what runs when, and what the process says of itself. */
export default async function run(print) {
  print(Object.prototype.toString.call(process), process === globalThis.process, process.env === env, typeof process.versions.node, process.platform, typeof process.pid, typeof process.cwd());
  env.NUMBER = 5;
  print(typeof env.NUMBER, env.NUMBER, "NUMBER" in env, delete env.NUMBER, env.NUMBER);
  env.NOTHING = undefined;
  print(env.NOTHING);
  try { env.S = Symbol("x"); } catch (error) { print(error.name, error.message); }
  print(hrtime().length, typeof hrtime.bigint(), hrtime([0, 0]).length, typeof process.uptime(), typeof process.memoryUsage().heapUsed);
  const seen = [];
  await new Promise((resolve) => {
    setTimeout(() => {
      Promise.resolve().then(() => seen.push("promise 1"));
      nextTick((value) => seen.push(`tick ${value}`), 1);
      queueMicrotask(() => { seen.push("micro"); nextTick(() => seen.push("tick in micro")); Promise.resolve().then(() => seen.push("promise in micro")); });
      nextTick(() => { seen.push("tick 2"); nextTick(() => seen.push("tick 3")); Promise.resolve().then(() => seen.push("promise in tick")); });
      seen.push("sync");
      setTimeout(resolve, 5);
    }, 1);
  });
  print(seen.join());
  try { nextTick("no"); } catch (error) { print(error.name, error.code, error.message); }
  let warned;
  process.on("warning", (warning) => { warned = warning; });
  process.emitWarning("careful", { type: "Custom", code: "C1", detail: "more" });
  await new Promise((resolve) => setTimeout(resolve, 2));
  print(warned.name, warned.message, warned.code, warned.detail);
  print(process.on === process.addListener, process.listenerCount("warning"), typeof process.emit);
  const require = createRequire(import.meta.url);
  print(require("node:events") === require("events"), require("util").inspect({ a: 1 }), typeof require("buffer").Buffer, require.resolve("path"), isBuiltin("node:events"), isBuiltin("nope"));
  try { require("nope-not-there"); } catch (error) { print(error.code, error.message.split("\n")[0].slice(0, 35)); }
  print(process.getBuiltinModule("node:path").join("a", "b"), process.getBuiltinModule("nope"));
  const dynamic = await import("node:path");
  print(dynamic.default.join("x", "..", "y"), dynamic.sep);
  print(await import("node:not_there").catch((error) => error.message.includes("node:not_there")));
}
