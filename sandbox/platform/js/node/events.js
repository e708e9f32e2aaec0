// @ts-check
/** `node:events` (https://nodejs.org/docs/latest-v20.x/api/events.html). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypePush, AsyncIteratorPrototype, Error, ObjectDefineProperty, ObjectSetPrototypeOf, Promise, PromiseReject, PromiseResolve, SymbolAsyncIterator, SymbolFor,
} from '../primordials.js';
import { AbortError, invalidArgType } from './errors.js';
import {
  captureRejectionSymbol, defaults, errorMonitor, EventEmitter, getEventListeners, getMaxListeners, isEventTarget, listenerCount, setMaxListeners,
} from './events_emitter.js';
import { validateAbortSignal, validateFunction, validateInteger, validateObject } from './validators.js';

export { captureRejectionSymbol, errorMonitor, EventEmitter, getEventListeners, getMaxListeners, listenerCount, setMaxListeners };
export const captureRejections = false;
export const defaultMaxListeners = defaults.maxListeners;
export const usingDomains = false;
export const init = EventEmitter.init;

function add(emitter, type, listener, flags = undefined) {
  if (typeof emitter.on === 'function') {
    if (flags?.once) emitter.once(type, listener);
    else emitter.on(type, listener);
  } else if (isEventTarget(emitter)) {
    emitter.addEventListener(type, listener, flags);
  } else {
    throw invalidArgType('emitter', 'EventEmitter', emitter);
  }
}

function remove(emitter, type, listener) {
  if (typeof emitter.removeListener === 'function') emitter.removeListener(type, listener);
  else if (isEventTarget(emitter)) emitter.removeEventListener(type, listener);
  else throw invalidArgType('emitter', 'EventEmitter', emitter);
}

/** Calls `listener` when `signal` aborts, or soon if it has; `[Symbol.dispose]` of the result takes that back. */
export function addAbortListener(signal, listener) {
  if (signal === undefined) throw invalidArgType('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  validateFunction(listener, 'listener');
  let dispose;
  if (signal.aborted) {
    queueMicrotask(() => listener());
  } else {
    signal.addEventListener('abort', listener, { __proto__: null, once: true });
    dispose = () => signal.removeEventListener('abort', listener);
  }
  const disposable = { __proto__: null };
  disposable[globalThis.Symbol.dispose ?? SymbolFor('dispose')] = () => dispose?.();
  return disposable;
}

const queueMicrotask = (callback) => lazy('./global_scope.js').queueMicrotask(callback);

/** A promise of the arguments of the next event of this type. */
export async function once(emitter, name, options = {}) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  return new Promise((resolve, reject) => {
    const errorListener = (error) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener(name, resolver);
      if (signal !== undefined) remove(signal, 'abort', abortListener);
      reject(error);
    };
    const resolver = (...args) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', errorListener);
      if (signal !== undefined) remove(signal, 'abort', abortListener);
      resolve(args);
    };
    const abortListener = () => {
      remove(emitter, name, resolver);
      if (typeof emitter.removeListener === 'function') remove(emitter, 'error', errorListener);
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    add(emitter, name, resolver, { __proto__: null, once: true });
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', errorListener);
    if (signal !== undefined) add(signal, 'abort', abortListener, { __proto__: null, once: true });
  });
}

const prototypeOfIterators = ObjectSetPrototypeOf(
  {
    [SymbolAsyncIterator]() {
      return this;
    },
  },
  AsyncIteratorPrototype,
);

/** An async iterator of the arguments of all events of this type. */
export function on(emitter, event, options = {}) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const highWaterMark = options.highWaterMark ?? options.highWatermark ?? Infinity;
  const lowWaterMark = options.lowWaterMark ?? options.lowWatermark ?? 1;
  if (highWaterMark !== Infinity) validateInteger(highWaterMark, 'options.highWaterMark', 1);
  validateInteger(lowWaterMark, 'options.lowWaterMark', 1);

  // Each a list from `head` on.
  let events = [];
  let head = 0;
  const waiting = [];
  let waitingHead = 0;
  let error;
  let finished = false;
  let paused = false;
  const registered = [];
  const listen = (target, type, listener) => {
    ArrayPrototypePush(registered, target, type, listener);
    add(target, type, listener);
  };

  const close = () => {
    for (let i = 0; i < registered.length; i += 3) remove(registered[i], registered[i + 1], registered[i + 2]);
    registered.length = 0;
    finished = true;
    while (waitingHead < waiting.length) waiting[waitingHead++].resolve({ value: undefined, done: true });
    return PromiseResolve({ value: undefined, done: true });
  };
  const fail = (reason) => {
    if (waitingHead < waiting.length) waiting[waitingHead++].reject(reason);
    else error = reason;
    close();
  };
  const receive = (...args) => {
    if (waitingHead < waiting.length) {
      waiting[waitingHead++].resolve({ value: args, done: false });
      return;
    }
    ArrayPrototypePush(events, args);
    if (!paused && events.length - head > highWaterMark) {
      paused = true;
      emitter.pause?.();
    }
  };

  const iterator = ObjectSetPrototypeOf(
    {
      next() {
        if (head < events.length) {
          const value = events[head++];
          if (head === events.length || head > 1024) {
            const rest = [];
            for (let i = head; i < events.length; i++) ArrayPrototypePush(rest, events[i]);
            events = rest;
            head = 0;
          }
          if (paused && events.length - head < lowWaterMark) {
            emitter.resume?.();
            paused = false;
          }
          return PromiseResolve({ value, done: false });
        }
        if (error !== undefined) {
          const reason = error;
          error = undefined;
          return PromiseReject(reason);
        }
        if (finished) return close();
        return new Promise((resolve, reject) => {
          ArrayPrototypePush(waiting, { resolve, reject });
        });
      },
      return() {
        return close();
      },
      throw(reason) {
        if (!(reason instanceof Error)) throw invalidArgType('EventEmitter.AsyncIterator', 'Error', reason);
        fail(reason);
        return undefined;
      },
    },
    prototypeOfIterators,
  );
  listen(emitter, event, receive);
  if (event !== 'error' && typeof emitter.on === 'function') listen(emitter, 'error', fail);
  const closing = options.close;
  for (let i = 0; i < (closing?.length ?? 0); i++) listen(emitter, closing[i], close);
  if (signal) listen(signal, 'abort', () => fail(new AbortError(undefined, { cause: signal.reason })));
  return iterator;
}

/** An emitter whose listeners run in the async context in which it was made. */
export class EventEmitterAsyncResource extends EventEmitter {
  #resource;

  constructor(options = undefined) {
    super(typeof options === 'string' ? undefined : options);
    const { AsyncResource } = lazy('./node/async_hooks.js');
    const name = typeof options === 'string' ? options : options?.name ?? new.target.name;
    this.#resource = new AsyncResource(name, options);
  }

  emit(event, ...args) {
    return this.#resource.runInAsyncScope(EventEmitter.prototype.emit, this, event, ...args);
  }

  emitDestroy() {
    this.#resource.emitDestroy();
  }

  get asyncId() {
    return this.#resource.asyncId();
  }

  get triggerAsyncId() {
    return this.#resource.triggerAsyncId();
  }

  get asyncResource() {
    return this.#resource;
  }
}

const statics = {
  __proto__: null, once, on, getEventListeners, getMaxListeners, setMaxListeners, addAbortListener, listenerCount, EventEmitter, usingDomains, captureRejectionSymbol,
  errorMonitor, EventEmitterAsyncResource,
};
for (const name in statics) ObjectDefineProperty(EventEmitter, name, { __proto__: null, value: statics[name], writable: true, enumerable: true, configurable: true });

export default EventEmitter;
