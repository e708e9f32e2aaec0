// @ts-check
/**
 * The native functions of this isolate. The binding leaves the global before tenant code runs, so
 * this module is the only way to them.
 */

/** @type {Record<string, Function>} */
export const ops = globalThis.__insula;

/**
 * `promise.then(onFulfilled, onRejected)`, past what the language looks up for it: a tenant's `constructor` would be handed
 * the promise, and its species what comes of it. `promise` is a native one.
 */
export function then(promise, onFulfilled, onRejected = undefined) {
  const derived = ops.newPromise();
  ops.react(
    promise,
    (value) => (onFulfilled === undefined ? ops.resolvePromise(derived, value) : follow(derived, onFulfilled, value)),
    (reason) => (onRejected === undefined ? ops.rejectPromise(derived, reason) : follow(derived, onRejected, reason)),
  );
  return derived;
}

/** A promise that is resolved with `value`. */
export function resolved(value) {
  const promise = ops.newPromise();
  ops.resolvePromise(promise, value);
  return promise;
}

function follow(derived, steps, argument) {
  try {
    ops.resolvePromise(derived, steps(argument));
  } catch (error) {
    ops.rejectPromise(derived, error);
  }
}
