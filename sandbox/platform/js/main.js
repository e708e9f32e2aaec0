// @ts-check
/** What every isolate evaluates before tenant code, and what the event loop calls. */

export { receiveChunk, receiveCredit, receiveEnd, receiveError } from './in_flight.js';
export { configure, receiveAbort, receiveIdle, receiveRequest } from './serve.js';

import { ifLoaded, lazy } from './lazy.js';
import { createIncomingRequest } from './request.js';
import { Response, responseParts } from './response.js';

/** `process.nextTick` was called. */
export function receiveTicks() {
  lazy('./node/ticks.js').runTicks();
}

export function receiveTimer(id) {
  lazy('./timers.js').runTimer(id);
}

export function receiveResponse(stream, status, redirected, statusText, url, block, body) {
  lazy('./fetch.js').receiveResponse(stream, status, redirected, statusText, url, block, body);
}

export function receiveFailure(stream, message) {
  lazy('./fetch.js').receiveFailure(stream, message);
}

export function receiveMessage(stream, last, data, cost) {
  lazy('./websocket/link.js').receiveMessage(stream, last, data, cost);
}

export function receiveClosed(stream, end, code, reason) {
  lazy('./websocket/link.js').receiveClosed(stream, end, code, reason);
}

/** Does what next to every tenant does for its first answer, so that what that needs is there. */
export function warmUp() {
  const { block } = responseParts(new Response('', { headers: { 'content-type': 'text/plain' } }));
  createIncomingRequest('GET', 'http://localhost/', block, null).headers.get('content-type');
  Response.json(null);
}

/** Whether a listener of `beforeunload` has something to wait for. */
export function receiveFarewell(reason) {
  return ifLoaded('./event.js') !== undefined && lazy('./unload.js').dispatchUnload(reason);
}

/** A rejection that was told of has got a handler after all. */
export function receiveLateHandler(promise) {
  ifLoaded('./rejections.js')?.dispatchLateHandler(promise);
}

/** Whether a listener of `unhandledrejection` has taken care of a rejection. */
export function receiveRejection(promise, reason) {
  return lazy('./rejections.js').dispatchRejection(promise, reason);
}
