// @ts-check
/**
 * The queue of `process.nextTick` (https://nodejs.org/docs/latest-v20.x/api/process.html#processnexttickcallback-args). It runs when
 * the code that was called has returned, before promise jobs, and again after them while there is more.
 */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { ArrayPrototypePush, ReflectApply } from '../primordials.js';
import { validateFunction } from './validators.js';

let queue = [];

export function nextTick(callback, ...args) {
  validateFunction(callback, 'callback');
  if (queue.length === 0) ops.scheduleTicks();
  ArrayPrototypePush(queue, { __proto__: null, callback, args, context: ops.context() });
}

/** For the dispatcher: runs all callbacks, also those that are added meanwhile. */
export function runTicks() {
  while (queue.length > 0) {
    const ticks = queue;
    queue = [];
    for (let i = 0; i < ticks.length; i++) {
      const { callback, args, context } = ticks[i];
      ops.setContext(context);
      try {
        ReflectApply(callback, undefined, args);
      } catch (error) {
        lazy('./event.js').reportException(error);
      }
    }
  }
}
