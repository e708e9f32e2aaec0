// @ts-check
/**
 * Timers of the HTML Standard (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers).
 * Nesting is not clamped to 4 ms: the CPU limits bound what a fast timer can burn.
 */

import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { ArrayPrototypePush, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ReflectApply } from './primordials.js';
import { conversionError, converters, requiredArguments } from './webidl.js';

/** id → `{ callback, args, delay, repeat, context }` of every timer that may still run. */
const timers = new Map();
const maxId = 2 ** 31 - 1;
let lastId = 0;

export function setTimeout(handler, timeout = undefined) {
  const prefix = "Failed to execute 'setTimeout'";
  requiredArguments(arguments.length, 1, prefix);
  return initialize(toHandler(handler, prefix), toDelay(timeout), rest(arguments, 2), false);
}

export function setInterval(handler, timeout = undefined) {
  const prefix = "Failed to execute 'setInterval'";
  requiredArguments(arguments.length, 1, prefix);
  return initialize(toHandler(handler, prefix), toDelay(timeout), rest(arguments, 2), true);
}

export function clearTimeout(id = 0) {
  cancelTimer(converters.long(id));
}

export function clearInterval(id = 0) {
  cancelTimer(converters.long(id));
}

/** `setImmediate` of Node.js (https://nodejs.org/api/timers.html#setimmediatecallback-args): before any timer that is set now. */
export function setImmediate(handler) {
  const prefix = "Failed to execute 'setImmediate'";
  requiredArguments(arguments.length, 1, prefix);
  return initialize(toHandler(handler, prefix), 0, rest(arguments, 1), false);
}

export function clearImmediate(id = 0) {
  cancelTimer(converters.long(id));
}

/** Runs `callback()` after `delay` milliseconds; the id is one for `cancelTimer`. */
export function startTimer(delay, callback) {
  return initialize(callback, delay, undefined, false);
}

/** "Queue a task": `callback()` runs in a turn of its own, after what waits already. */
export function queueTask(callback) {
  initialize(callback, 0, undefined, false);
}

/** The same, for the code that this context is of. */
export function queueTaskIn(context, callback) {
  const own = ops.context();
  ops.setContext(context);
  initialize(callback, 0, undefined, false);
  ops.setContext(own);
}

/** Cancels a timer; an id that is not active is ignored. */
export function cancelTimer(id) {
  if (MapPrototypeDelete(timers, id)) ops.timerCancel(id);
}

/** For the dispatcher: timer `id` is due. */
export function runTimer(id) {
  const timer = MapPrototypeGet(timers, id);
  if (timer === undefined) return;
  if (!timer.repeat) MapPrototypeDelete(timers, id);
  // The callback belongs to the request that set the timer.
  ops.setContext(timer.context);
  try {
    if (timer.args === undefined) timer.callback();
    else ReflectApply(timer.callback, globalThis, timer.args);
  } catch (error) {
    lazy('./event.js').reportException(error);
  }
  // The callback may have cleared its own interval.
  if (timer.repeat && MapPrototypeGet(timers, id) === timer) ops.timerStart(id, timer.delay);
}

function initialize(callback, delay, args, repeat) {
  const id = nextId();
  MapPrototypeSet(timers, id, { callback, args, delay, repeat, context: ops.context() });
  ops.timerStart(id, delay);
  return id;
}

/** Ids are not reused while their timer is active, also after the counter wrapped. */
function nextId() {
  do {
    lastId = lastId === maxId ? 1 : lastId + 1;
  } while (MapPrototypeGet(timers, lastId) !== undefined);
  return lastId;
}

/** Strings would be code to evaluate, which the isolate forbids. */
function toHandler(handler, prefix) {
  if (typeof handler === 'function') return handler;
  throw conversionError('is not a function; strings are not evaluated.', prefix, 'Argument 1');
}

function toDelay(timeout) {
  const delay = timeout === undefined ? 0 : converters.long(timeout);
  return delay < 1 ? 1 : delay;
}

function rest(args, from) {
  const values = [];
  for (let i = from; i < args.length; i++) ArrayPrototypePush(values, args[i]);
  return values;
}
