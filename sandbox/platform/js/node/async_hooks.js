// @ts-check
/** `node:async_hooks` (https://nodejs.org/docs/latest-v20.x/api/async_hooks.html): what follows a request through its awaits. */

import { AsyncLocalStorage, AsyncResource } from '../async_context.js';
import { ObjectFreeze } from '../primordials.js';

export { AsyncLocalStorage, AsyncResource };

export function executionAsyncId() {
  return 1;
}
export function triggerAsyncId() {
  return 0;
}
export function executionAsyncResource() {
  return {};
}

/** There are no hooks to call: what is made can be enabled, and hears of nothing. */
export function createHook(_callbacks) {
  const hook = {
    enable: () => hook,
    disable: () => hook,
  };
  return hook;
}
export const asyncWrapProviders = ObjectFreeze({ __proto__: null });

export default { AsyncLocalStorage, createHook, executionAsyncId, triggerAsyncId, executionAsyncResource, asyncWrapProviders, AsyncResource };
