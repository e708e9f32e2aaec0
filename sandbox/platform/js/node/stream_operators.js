// @ts-check
/** The methods of Readable that iterate: `map`, `toArray`, `reduce` and so on (https://nodejs.org/docs/latest-v20.x/api/stream.html#readablemapfn-options). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypePush, ArrayPrototypeShift, NumberIsNaN, PromisePrototypeThen, PromiseReject, ReflectApply, Symbol, SymbolAsyncIterator,
} from '../primordials.js';
import { MathFloor } from '../primordials/math.js';
import { AbortError, invalidArgType, missingArgs, outOfRange } from './errors.js';
import { validateAbortSignal, validateInteger, validateObject } from './validators.js';

function checkOptions(options) {
  if (options !== undefined && options !== null) validateObject(options, 'options');
  if (options?.signal !== undefined && options?.signal !== null) validateAbortSignal(options.signal, 'options.signal');
}

function checkFunction(fn) {
  if (typeof fn !== 'function') throw invalidArgType('fn', ['Function', 'AsyncFunction'], fn);
}

const throwIfAborted = (options) => {
  if (options?.signal?.aborted) throw new AbortError(undefined, { cause: options.signal.reason });
};

function map(fn, options = undefined) {
  checkFunction(fn);
  checkOptions(options);
  const concurrency = options?.concurrency !== undefined && options.concurrency !== null ? MathFloor(options.concurrency) : 1;
  validateInteger(concurrency, 'options.concurrency', 1);
  const controller = new (lazy('./abort.js').AbortController)();
  const { signal } = controller;
  const stream = this;
  const stop = () => controller.abort();
  return (async function* mapped() {
    options?.signal?.addEventListener('abort', stop);
    // In order, at most so many at a time.
    const running = [];
    const iterator = stream[SymbolAsyncIterator]();
    let over = false;
    const fill = async () => {
      while (!over && running.length < concurrency) {
        const { value, done } = await iterator.next();
        if (done) {
          over = true;
          return;
        }
        throwIfAborted({ signal });
        let result;
        try {
          result = fn(value, { signal });
        } catch (error) {
          result = PromiseReject(error);
        }
        const promise = (async () => result)();
        PromisePrototypeThen(promise, undefined, () => {});
        ArrayPrototypePush(running, promise);
      }
    };
    try {
      for (;;) {
        throwIfAborted(options);
        await fill();
        if (running.length === 0) return;
        const value = await ArrayPrototypeShift(running);
        throwIfAborted(options);
        if (value !== kEmpty) yield value;
      }
    } finally {
      over = true;
      options?.signal?.removeEventListener('abort', stop);
      controller.abort();
      await iterator.return?.();
    }
  })();
}

const kEmpty = Symbol('kEmpty');

function filter(fn, options = undefined) {
  checkFunction(fn);
  return ReflectApply(map, this, [async (value, context) => ((await fn(value, context)) ? value : kEmpty), options]);
}

async function* flatMap(fn, options = undefined) {
  for await (const value of ReflectApply(map, this, [fn, options])) yield* value;
}

function toIntegerCount(number) {
  number = +number;
  if (NumberIsNaN(number)) return 0;
  if (number < 0) throw outOfRange('number', '>= 0', number);
  return number;
}

function drop(number, options = undefined) {
  checkOptions(options);
  number = toIntegerCount(number);
  const stream = this;
  return (async function* () {
    throwIfAborted(options);
    for await (const value of stream) {
      throwIfAborted(options);
      if (number-- <= 0) yield value;
    }
  })();
}

function take(number, options = undefined) {
  checkOptions(options);
  number = toIntegerCount(number);
  const stream = this;
  return (async function* () {
    throwIfAborted(options);
    if (number <= 0) return;
    for await (const value of stream) {
      throwIfAborted(options);
      if (number-- > 0) yield value;
      if (number <= 0) return;
    }
  })();
}

function asIndexedPairs(options = undefined) {
  checkOptions(options);
  const stream = this;
  return (async function* () {
    let index = 0;
    for await (const value of stream) {
      throwIfAborted(options);
      yield [index++, value];
    }
  })();
}

/** Those that give a stream. */
export const streamOperators = { __proto__: null, asIndexedPairs, drop, filter, flatMap, map, take };

async function forEach(fn, options = undefined) {
  checkFunction(fn);
  const each = async (value, context) => {
    await fn(value, context);
    return kEmpty;
  };
  for await (const _ of ReflectApply(map, this, [each, options]));
}

async function toArray(options = undefined) {
  checkOptions(options);
  const values = [];
  for await (const value of this) {
    throwIfAborted(options);
    ArrayPrototypePush(values, value);
  }
  return values;
}

async function some(fn, options = undefined) {
  for await (const _ of ReflectApply(filter, this, [fn, options])) return true;
  return false;
}

async function every(fn, options = undefined) {
  checkFunction(fn);
  return !(await ReflectApply(some, this, [async (...args) => !(await fn(...args)), options]));
}

async function find(fn, options = undefined) {
  for await (const value of ReflectApply(filter, this, [fn, options])) return value;
  return undefined;
}

async function reduce(reducer, initialValue, options = undefined) {
  if (typeof reducer !== 'function') throw invalidArgType('reducer', ['Function', 'AsyncFunction'], reducer);
  checkOptions(options);
  let hasValue = arguments.length > 1;
  if (options?.signal?.aborted) {
    const error = new AbortError(undefined, { cause: options.signal.reason });
    this.once('error', () => {});
    this.destroy(error);
    throw error;
  }
  let any = false;
  const controller = new (lazy('./abort.js').AbortController)();
  const { signal } = controller;
  options?.signal?.addEventListener('abort', () => controller.abort(), { __proto__: null, once: true });
  try {
    for await (const value of this) {
      any = true;
      throwIfAborted(options);
      if (!hasValue) {
        initialValue = value;
        hasValue = true;
      } else {
        initialValue = await reducer(initialValue, value, { signal });
      }
    }
    if (!any && !hasValue) {
      const error = missingArgs('reduce');
      error.message = 'Reduce of an empty stream requires an initial value';
      throw error;
    }
  } finally {
    controller.abort();
  }
  return initialValue;
}

/** Those that give a promise. */
export const promiseOperators = { __proto__: null, every, forEach, reduce, toArray, some, find };
