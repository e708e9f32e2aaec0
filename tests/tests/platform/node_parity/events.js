import EventEmitter, { captureRejectionSymbol, errorMonitor, getEventListeners, getMaxListeners, listenerCount, on, once, setMaxListeners } from "node:events";

/** Prints what emitters do in the order in which they do it. */
export default async function run(print) {
  const attempt = (work) => {
    try {
      print(JSON.stringify(work()));
    } catch (error) {
      print(error.name, error.code, error.message);
    }
  };
  const e = new EventEmitter();
  e.on("newListener", (type) => print("new", String(type)));
  e.on("removeListener", (type) => print("removed", String(type)));
  const a = (...args) => print("a", ...args);
  const b = function (...args) { print("b", this === e, ...args); };
  e.on("x", a).once("x", b).prependListener("x", () => print("first")).prependOnceListener("x", () => print("first once"));
  print(e.emit("x", 1, 2), e.emit("x", 3), e.emit("nobody"));
  print(e.listenerCount("x"), e.listenerCount("x", a), listenerCount(e, "x"), e.eventNames().map(String).join());
  print(e.rawListeners("x").length, e.listeners("x")[1] === a);
  e.off("x", a).off("x", b);
  e.on(Symbol("s"), a);
  e.removeAllListeners("x").removeAllListeners();
  print(e.eventNames().length);
  attempt(() => e.on("x", 5));
  attempt(() => e.emit("error", new RangeError("bad")));
  attempt(() => e.emit("error", { a: 1 }));
  attempt(() => e.emit("error"));
  e.on(errorMonitor, (error) => print("monitor", error.message));
  attempt(() => e.emit("error", new Error("seen")));
  e.on("error", (error) => print("handled", error.message));
  attempt(() => e.emit("error", new Error("two")));
  attempt(() => e.setMaxListeners(-1));
  attempt(() => [e.getMaxListeners(), e.setMaxListeners(3).getMaxListeners(), getMaxListeners(e), EventEmitter.defaultMaxListeners]);
  const many = new EventEmitter().on("y", () => { print("y1"); many.off("y", second); });
  const second = () => print("y2");
  many.on("y", second);
  many.emit("y");
  many.emit("y");

  class Sub extends EventEmitter { constructor() { super({ captureRejections: true }); } }
  const sub = new Sub();
  sub.on("z", async () => { throw new Error("late"); });
  sub.on("error", (error) => print("captured", error.message));
  sub.emit("z");
  await new Promise((resolve) => setTimeout(resolve, 5));
  sub[captureRejectionSymbol] = (error, type, ...args) => print("own", error.message, type, ...args);
  sub.emit("z", 7);
  await new Promise((resolve) => setTimeout(resolve, 5));
  function Old() { EventEmitter.call(this); }
  Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
  const old = new Old();
  old.on("q", (v) => print("old", v));
  old.emit("q", 1);
  print(old instanceof EventEmitter, EventEmitter.EventEmitter === EventEmitter, EventEmitter.once === once, typeof EventEmitter.on);

  setTimeout(() => e.emit("later", 1, 2), 2);
  print(JSON.stringify(await once(e, "later")));
  setTimeout(() => e.emit("error", new Error("instead")), 2);
  e.removeAllListeners("error");
  print(await once(e, "never").catch((error) => error.message));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 2);
  print(await once(e, "never", { signal: controller.signal }).catch((error) => `${error.name} ${error.code} ${error.message}`));
  print(await once(e, "never", { signal: controller.signal }).catch((error) => `${error.name} ${error.code}`));
  const target = new EventTarget();
  setTimeout(() => target.dispatchEvent(new Event("t")), 2);
  print((await once(target, "t"))[0].type);
  const listener = () => {};
  target.addEventListener("t", listener);
  print(getEventListeners(target, "t")[0] === listener, getEventListeners(old, "q").length);
  setMaxListeners(4, target, old);
  print(getMaxListeners(target), old.getMaxListeners());

  setTimeout(() => { e.emit("item", 1); e.emit("item", 2, "b"); }, 2);
  const seen = [];
  for await (const value of on(e, "item")) { seen.push(value); if (seen.length === 2) break; }
  print(JSON.stringify(seen), e.listenerCount("item"));
  const stopper = new AbortController();
  const iterator = on(e, "item", { signal: stopper.signal });
  const pending = iterator.next();
  stopper.abort();
  print(await pending.catch((error) => error.name), JSON.stringify(await iterator.next()));
  const closing = on(e, "item", { close: ["end"] });
  e.emit("item", "last");
  e.emit("end");
  print(JSON.stringify(await closing.next()), JSON.stringify(await closing.next()));
  const failing = on(e, "item");
  e.emit("error", new Error("in the iterator"));
  print(await failing.next().catch((error) => error.message), JSON.stringify(await failing.next()));
}
