// @ts-check
/** "Notify about rejected promises" of the HTML Standard (https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections). */

import { dispatch, hasEventListener, setIsTrusted } from './event.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { WeakSet, WeakSetPrototypeAdd, WeakSetPrototypeDelete } from './primordials.js';

const global = globalThis;
/** "Outstanding rejected promises". */
const outstanding = new WeakSet();

/** Dispatches `unhandledrejection`, if anyone listens. Returns whether a listener has taken care of it. */
export function dispatchRejection(promise, reason) {
  WeakSetPrototypeAdd(outstanding, promise);
  if (!hasEventListener(global, 'unhandledrejection')) return false;
  const { PromiseRejectionEvent } = lazy('./event_types.js');
  const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
  return !dispatch(global, setIsTrusted(event));
}

/** Dispatches `rejectionhandled` for a promise whose rejection was told of. */
export function dispatchLateHandler(promise) {
  if (!WeakSetPrototypeDelete(outstanding, promise) || !hasEventListener(global, 'rejectionhandled')) return;
  const { PromiseRejectionEvent } = lazy('./event_types.js');
  const event = new PromiseRejectionEvent('rejectionhandled', { promise, reason: ops.promiseResult(promise) });
  dispatch(global, setIsTrusted(event));
}
