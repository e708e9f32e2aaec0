// @ts-check
/**
 * What code keeps in its context, beside the request that it runs for: the values of AsyncLocalStorage
 * and AsyncContext (js/async_context.js), as a list that is never changed:
 * `{ storage, value, next }`, or undefined for none. The engine carries it through awaits and jobs with the context.
 */

import { ops } from './ops.js';
import { ReflectApply } from './primordials.js';

/** Nobody pays for the look-up who keeps nothing. */
let used = false;

/** The stores of the code that runs. */
export function currentStores() {
  return used ? ops.contextStores() : undefined;
}

/** Calls a function with other stores, for the same request. */
export function applyWithStores(stores, callback, thisArgument, args) {
  used = true;
  const left = ops.enterStores(stores);
  try {
    return ReflectApply(callback, thisArgument, args);
  } finally {
    ops.setContext(left);
  }
}

/** Gives the code that runs, and what follows from it, other stores. */
export function enterStores(stores) {
  used = true;
  ops.enterStores(stores);
}

/** The entry of a storage; undefined if it has none. */
export function findStore(stores, storage) {
  while (stores !== undefined && stores.storage !== storage) stores = stores.next;
  return stores;
}

export function withStore(stores, storage, value) {
  return { __proto__: null, storage, value, next: withoutStore(stores, storage) };
}

export function withoutStore(stores, storage) {
  if (findStore(stores, storage) === undefined) return stores;
  if (stores.storage === storage) return stores.next;
  return { __proto__: null, storage: stores.storage, value: stores.value, next: withoutStore(stores.next, storage) };
}

/**
 * For objects whose methods are called later, on whoever's behalf: a function that calls its first argument as the
 * code would that runs now. Undefined while that keeps nothing: then a plain call does.
 */
export function captureStores() {
  const stores = currentStores();
  return stores === undefined ? undefined : (callback, thisArgument, args) => applyWithStores(stores, callback, thisArgument, args);
}
