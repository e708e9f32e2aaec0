// @ts-check
/** `node:timers` (https://nodejs.org/docs/latest-v20.x/api/timers.html): the global functions, whose timers are objects here as in Node.js. */

import {
  cancelTimer, clearImmediate as cancelImmediate, setImmediate as startImmediate, setInterval as startInterval, setTimeout as startTimeout,
} from '../timers.js';
import { NumberParseInt, ReflectApply, SymbolFor, SymbolToPrimitive } from '../primordials.js';
import promises from './timers_promises.js';
import { validateFunction } from './validators.js';

const kDispose = globalThis.Symbol.dispose ?? SymbolFor('nodejs.dispose');
const kPromisify = SymbolFor('nodejs.util.promisify.custom');

const toDelay = (delay) => {
  delay = +delay;
  return delay >= 1 && delay <= 2 ** 31 - 1 ? delay : 1;
};

class Timeout {
  #id;
  #start;
  #active = true;

  constructor(start) {
    this.#start = start;
    this.#id = start();
  }

  /** Nothing waits for timers here but requests that use them. */
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return this.#active;
  }
  refresh() {
    if (this.#active) {
      cancelTimer(this.#id);
      this.#id = this.#start();
    }
    return this;
  }
  close() {
    this.#active = false;
    cancelTimer(this.#id);
    return this;
  }
  [SymbolToPrimitive]() {
    return this.#id;
  }
  [kDispose]() {
    this.close();
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #id in value;
  }
}
const { is: isTimeout } = Timeout;
delete Timeout.is;

class Immediate {
  #id;

  constructor(run) {
    this.#id = startImmediate(run);
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return true;
  }
  [kDispose]() {
    cancelImmediate(this.#id);
  }

  static clear(value) {
    if (typeof value === 'object' && value !== null && #id in value) cancelImmediate(value.#id);
  }
}
const { clear: clearImmediateObject } = Immediate;
delete Immediate.clear;

export function setTimeout(callback, after, ...args) {
  validateFunction(callback, 'callback');
  const run = () => ReflectApply(callback, timeout, args);
  const timeout = new Timeout(() => startTimeout(run, toDelay(after)));
  return timeout;
}

export function setInterval(callback, repeat, ...args) {
  validateFunction(callback, 'callback');
  const run = () => ReflectApply(callback, timeout, args);
  const timeout = new Timeout(() => startInterval(run, toDelay(repeat)));
  return timeout;
}

export function setImmediate(callback, ...args) {
  validateFunction(callback, 'callback');
  const run = () => ReflectApply(callback, undefined, args);
  return new Immediate(run);
}

export function clearTimeout(timer) {
  if (isTimeout(timer)) timer.close();
  else if (typeof timer === 'number' || typeof timer === 'string') cancelTimer(NumberParseInt(timer, 10));
}
export function clearInterval(timer) {
  clearTimeout(timer);
}
export function clearImmediate(immediate) {
  if (typeof immediate === 'number') cancelImmediate(immediate);
  else clearImmediateObject(immediate);
}

setTimeout[kPromisify] = promises.setTimeout;
setImmediate[kPromisify] = promises.setImmediate;

export { promises };
export default { setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval, clearInterval, promises };
