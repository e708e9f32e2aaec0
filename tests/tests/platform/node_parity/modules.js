import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import diagnostics, { channel, tracingChannel } from "node:diagnostics_channel";
import fs, { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http, { STATUS_CODES } from "node:http";
import net from "node:net";
import os from "node:os";
import { isatty } from "node:tty";

/** Prints what of the smaller modules is the same everywhere. */
export default async function run(print) {
  const storage = new AsyncLocalStorage();
  print(storage.getStore(), storage.run(5, () => storage.getStore()), await storage.run({ id: 1 }, async () => { await new Promise((resolve) => setTimeout(resolve, 1)); return storage.getStore().id; }));
  const resource = storage.run("bound", () => new AsyncResource("R"));
  print(resource.runInAsyncScope(() => storage.getStore()), storage.run("x", () => storage.exit(() => storage.getStore())));
  await storage.run("tick", () => new Promise((resolve) => process.nextTick(() => { print(storage.getStore()); resolve(); })));
  const events = channel("test");
  events.subscribe((message, name) => print("published", message.x, name));
  events.publish({ x: 1 });
  print(events.hasSubscribers, diagnostics.hasSubscribers("other"), channel("test") === events);
  const tracing = tracingChannel("work");
  for (const name of ["start", "end", "asyncStart", "asyncEnd", "error"]) tracing[name].subscribe((context) => print(name, context.result, context.error?.message));
  print(tracing.traceSync((a) => a + 1, {}, null, 1));
  print(await tracing.tracePromise(async (a) => a * 2, {}, null, 4));
  print(await tracing.tracePromise(async () => { throw new Error("traced"); }).catch((error) => error.message));
  print(tracing.traceSync.length > 0, STATUS_CODES[404], STATUS_CODES[418], http.METHODS.length, net.isIP("::1"), net.isIP("1.2.3.4"), net.isIP("x"), net.isIPv6("::ffff:1.2.3.4"));
  print(os.EOL === "\n", os.platform(), os.constants.signals.SIGTERM, os.constants.errno.ENOENT, isatty(99), typeof readFileSync, typeof readFile, fs.constants.O_RDONLY, fs.existsSync("/not there"));
}
