import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";

export default async function run(print) {
  const rejected = [];
  process.on("unhandledRejection", (reason, promise) => {
    rejected.push(promise);
    print("unhandledRejection", reason, promise instanceof Promise);
  });
  process.on("rejectionHandled", (promise) => print("rejectionHandled", promise === rejected[0]));
  const lost = Promise.reject(new Error("lost"));
  await sleep(10);
  lost.catch(() => {});
  await sleep(10);
  process.removeAllListeners("unhandledRejection");

  process.on("uncaughtExceptionMonitor", (error, origin) => print("monitor", error.message.slice(0, 30), origin));
  process.on("uncaughtException", (error, origin) => print("uncaughtException", error.name, error.code, error.message.slice(-40), origin));
  setTimeout(() => { throw new RangeError("thrown"); }, 0);
  await sleep(10);
  Promise.reject(new TypeError("no listener of rejections"));
  await sleep(10);
  for (const reason of [{ no: "error" }, "text", 1n, undefined, Symbol("s"), new (class Own {})()]) {
    Promise.reject(reason);
    await sleep(5);
  }
  queueMicrotask(() => { throw new Error("of a microtask"); });
  await sleep(10);
  process.nextTick(() => { throw new Error("of a tick"); });
  await sleep(10);

  process.setUncaughtExceptionCaptureCallback((error) => print("captured", error.message));
  print(process.hasUncaughtExceptionCaptureCallback());
  for (const wrong of [1, () => {}]) {
    try { process.setUncaughtExceptionCaptureCallback(wrong); } catch (error) { print(error.name, error.code); }
  }
  setTimeout(() => { throw new Error("for the callback"); }, 0);
  await sleep(10);
  process.setUncaughtExceptionCaptureCallback(null);
  print(process.hasUncaughtExceptionCaptureCallback());
  process.removeAllListeners();
}
