// @ts-check
/**
 * AsyncLocalStorage and AsyncResource of `node:async_hooks` (https://nodejs.org/api/async_context.html), and
 * AsyncContext (https://tc39.es/proposal-async-context/).
 *
 * A snapshot brings back what was stored, not the request that it was taken in: work is charged to the
 * request that causes it.
 */

import { applyWithStores, currentStores, enterStores, findStore, withStore, withoutStore } from './context_stores.js';
import { ObjectDefineProperty, SymbolToStringTag, TypeError } from './primordials.js';

function requireFunction(value, name) {
  if (typeof value === 'function') return;
  throw invalidArgument(`The "${name}" argument must be of type function.`);
}

function invalidArgument(message) {
  return ObjectDefineProperty(new TypeError(message), 'code', {
    __proto__: null, value: 'ERR_INVALID_ARG_TYPE', writable: true, enumerable: true, configurable: true,
  });
}

/** A function that calls its first argument with today's stores. */
function takeSnapshot() {
  const stores = currentStores();
  return function runInAsyncScope(callback, ...args) {
    return applyWithStores(stores, callback, this, args);
  };
}

/** `callback` with today's stores, or with `stores`. `thisArgument` undefined: whatever it is called with. */
function bindToStores(callback, thisArgument, stores) {
  const bound = function (...args) {
    return applyWithStores(stores, callback, thisArgument === undefined ? this : thisArgument, args);
  };
  const length = { __proto__: null, value: callback.length, writable: false, enumerable: false, configurable: true };
  return ObjectDefineProperty(bound, 'length', length);
}

export class AsyncLocalStorage {
  #name;
  #defaultValue;

  constructor(options = undefined) {
    if (options !== undefined && (typeof options !== 'object' || options === null)) {
      throw invalidArgument('The "options" argument must be of type object.');
    }
    const name = options?.name;
    if (name !== undefined && typeof name !== 'string') throw invalidArgument('The "options.name" property must be of type string.');
    this.#name = name ?? '';
    this.#defaultValue = options?.defaultValue;
  }

  static bind(callback) {
    requireFunction(callback, 'fn');
    return bindToStores(callback, undefined, currentStores());
  }

  static snapshot() {
    return takeSnapshot();
  }

  get name() {
    return this.#name;
  }

  getStore() {
    const found = findStore(currentStores(), this);
    return found === undefined ? this.#defaultValue : found.value;
  }

  run(store, callback, ...args) {
    this.#name;
    return applyWithStores(withStore(currentStores(), this, store), callback, undefined, args);
  }

  exit(callback, ...args) {
    this.#name;
    return applyWithStores(withStore(currentStores(), this, undefined), callback, undefined, args);
  }

  enterWith(store) {
    this.#name;
    enterStores(withStore(currentStores(), this, store));
  }

  disable() {
    this.#name;
    enterStores(withoutStore(currentStores(), this));
  }
}

let lastAsyncId = 1;

export class AsyncResource {
  #stores = currentStores();
  #asyncId = ++lastAsyncId;
  #triggerAsyncId = 0;

  constructor(type, options = undefined) {
    if (typeof type !== 'string') throw invalidArgument('The "type" argument must be of type string.');
    const trigger = typeof options === 'number' ? options : options?.triggerAsyncId;
    if (trigger !== undefined) this.#triggerAsyncId = trigger;
  }

  static bind(callback, type = undefined, thisArgument = undefined) {
    requireFunction(callback, 'fn');
    return new AsyncResource(type ?? (callback.name || 'bound-anonymous-fn')).bind(callback, thisArgument);
  }

  bind(callback, thisArgument = undefined) {
    requireFunction(callback, 'fn');
    return bindToStores(callback, thisArgument, this.#stores);
  }

  runInAsyncScope(callback, thisArgument = undefined, ...args) {
    return applyWithStores(this.#stores, callback, thisArgument, args);
  }

  emitDestroy() {
    this.#stores;
    return this;
  }

  asyncId() {
    return this.#asyncId;
  }

  triggerAsyncId() {
    return this.#triggerAsyncId;
  }
}

class Variable {
  #name;
  #defaultValue;

  constructor(options = undefined) {
    const name = options?.name;
    this.#name = name === undefined ? '' : `${name}`;
    this.#defaultValue = options?.defaultValue;
  }

  get name() {
    return this.#name;
  }

  get() {
    const found = findStore(currentStores(), this);
    return found === undefined ? this.#defaultValue : found.value;
  }

  run(value, callback, ...args) {
    this.#name;
    return applyWithStores(withStore(currentStores(), this, value), callback, undefined, args);
  }
}

class Snapshot {
  #stores = currentStores();

  static wrap(callback) {
    if (typeof callback !== 'function') throw new TypeError('AsyncContext.Snapshot.wrap needs a function');
    return bindToStores(callback, undefined, currentStores());
  }

  run(callback, ...args) {
    return applyWithStores(this.#stores, callback, undefined, args);
  }
}

tag(Variable.prototype, 'AsyncContext.Variable');
tag(Snapshot.prototype, 'AsyncContext.Snapshot');

export const AsyncContext = {};
member('Variable', Variable);
member('Snapshot', Snapshot);
tag(AsyncContext, 'AsyncContext');

function member(name, value) {
  ObjectDefineProperty(AsyncContext, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function tag(object, name) {
  ObjectDefineProperty(object, SymbolToStringTag, { __proto__: null, value: name, writable: false, enumerable: false, configurable: true });
}
