// @ts-check
/** "Notify about rejected promises" of the HTML Standard (https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections). */

import { dispatch, hasEventListener, setIsTrusted } from './event.js';
import { lazy } from './lazy.js';

const global = globalThis;

/** Dispatches `unhandledrejection`, if anyone listens. Returns whether a listener has taken care of it. */
export function dispatchRejection(promise, reason) {
  if (!hasEventListener(global, 'unhandledrejection')) return false;
  const { PromiseRejectionEvent } = lazy('./event_types.js');
  const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
  return !dispatch(global, setIsTrusted(event));
}
