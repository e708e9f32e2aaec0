// @ts-check
/** `node:timers/promises` (https://nodejs.org/docs/latest-v20.x/api/timers.html#timers-promises-api). */

import { cancelTimer, startTimer } from '../timers.js';
import { Promise, PromiseReject } from '../primordials.js';
import { AbortError } from './errors.js';
import { validateAbortSignal, validateBoolean, validateNumber, validateObject } from './validators.js';

const toDelay = (delay) => {
  delay = +delay;
  return delay >= 1 && delay <= 2 ** 31 - 1 ? delay : 1;
};

function wait(delay, value, options) {
  let signal;
  try {
    if (options !== undefined) {
      validateObject(options, 'options');
      validateAbortSignal(options.signal, 'options.signal');
      if (options.ref !== undefined) validateBoolean(options.ref, 'options.ref');
      signal = options.signal;
    }
  } catch (error) {
    return PromiseReject(error);
  }
  if (signal?.aborted) return PromiseReject(new AbortError(undefined, { cause: signal.reason }));
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancelTimer(id);
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    const id = startTimer(delay, () => {
      if (signal !== undefined) signal.removeEventListener('abort', onAbort);
      resolve(value);
    });
    if (signal !== undefined) signal.addEventListener('abort', onAbort, { __proto__: null, once: true });
  });
}

export function setTimeout(after = undefined, value = undefined, options = undefined) {
  try {
    if (after !== undefined) validateNumber(after, 'delay');
  } catch (error) {
    return PromiseReject(error);
  }
  return wait(toDelay(after), value, options);
}

export function setImmediate(value = undefined, options = undefined) {
  return wait(0, value, options);
}

export async function* setInterval(after = undefined, value = undefined, options = {}) {
  for (;;) {
    await wait(toDelay(after), undefined, options);
    yield value;
  }
}

export const scheduler = {
  __proto__: null,
  wait: (delay, options = undefined) => setTimeout(delay, undefined, options),
  yield: () => setImmediate(),
};

export default { setTimeout, setImmediate, setInterval, scheduler };
