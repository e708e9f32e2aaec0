// @ts-check
/** "Notify about rejected promises" of the HTML Standard (https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections). */

import { dispatch, hasEventListener, setIsTrusted } from './event.js';
import { ifLoaded, lazy } from './lazy.js';
import { ops } from './ops.js';
import { WeakSet, WeakSetPrototypeAdd, WeakSetPrototypeDelete } from './primordials/collections.js';

const global = globalThis;
/** "Outstanding rejected promises". */
const outstanding = new WeakSet();

/** Dispatches `unhandledrejection`, and Node's event of it. Returns whether a listener has taken care of it. */
export function dispatchRejection(promise, reason) {
  WeakSetPrototypeAdd(outstanding, promise);
  if (hasEventListener(global, 'unhandledrejection')) {
    const { PromiseRejectionEvent } = lazy('./event_types.js');
    const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
    if (!dispatch(global, setIsTrusted(event))) return true;
  }
  return hasProcess() && lazy('./node/process_events.js').emitRejection(reason, promise);
}

/** Dispatches `rejectionhandled`, and Node's event of it, for a promise whose rejection was told of. */
export function dispatchLateHandler(promise) {
  if (!WeakSetPrototypeDelete(outstanding, promise)) return;
  if (hasEventListener(global, 'rejectionhandled')) {
    const { PromiseRejectionEvent } = lazy('./event_types.js');
    const event = new PromiseRejectionEvent('rejectionhandled', { promise, reason: ops.promiseResult(promise) });
    dispatch(global, setIsTrusted(event));
  }
  if (hasProcess()) lazy('./node/process_events.js').emitLateHandler(promise);
}

/** Whether anyone can have listeners at `process`. */
const hasProcess = () => ifLoaded('./node/process.js') !== undefined;
