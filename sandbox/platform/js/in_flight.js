// @ts-check
/**
 * Bodies on their way, by the stream that they are on. What carries them is in `incoming_body.js` and `outgoing_body.js`,
 * which most requests do without.
 */

import { ops } from './ops.js';
import { Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, TypeError } from './primordials.js';

/** Stream number → the body that arrives on it. */
const arriving = new Map();
/** Stream number → the body that is sent on it. */
const leaving = new Map();

/** `body` has the methods of an IncomingBody. */
export function addBody(stream, body) {
  MapPrototypeSet(arriving, stream, body);
}

export function removeBody(stream) {
  MapPrototypeDelete(arriving, stream);
}

/** Who sends on `stream` is told as bodies are: `sender` has `context`, `resume`, `stop` and `breakOff`. */
export function addSender(stream, sender) {
  MapPrototypeSet(leaving, stream, sender);
}

/** Returns whether there was one. */
export function removeSender(stream) {
  return MapPrototypeDelete(leaving, stream);
}

/** The request of what arrives on `stream` is over. */
export function dropBody(stream) {
  const body = MapPrototypeGet(arriving, stream);
  if (body !== undefined) body.drop();
}

/** Who waits for what arrives on `stream` is told that it does not. */
export function abandonBody(stream, error) {
  const body = MapPrototypeGet(arriving, stream);
  if (body !== undefined) body.fail(error);
}

/** Nothing can bring what is sent on `stream` to its end. Returns whether anything is sent on it. */
export function breakOff(stream, error) {
  const body = MapPrototypeGet(leaving, stream);
  if (body === undefined) return false;
  body.breakOff(error);
  return true;
}

/** The request of what is sent on `stream` is over. */
export function dropSender(stream) {
  const body = MapPrototypeGet(leaving, stream);
  if (body !== undefined) body.stop(new TypeError('The request that it belongs to is over.'));
}

/** The host wants no more of what is sent on `stream`. */
export function stopSending(stream, reason) {
  const body = MapPrototypeGet(leaving, stream);
  if (body !== undefined) body.stop(reason);
}

// For the dispatcher.

export function receiveChunk(stream, bytes) {
  const body = MapPrototypeGet(arriving, stream);
  if (body !== undefined) body.chunk(bytes);
}

export function receiveEnd(stream) {
  const body = MapPrototypeGet(arriving, stream);
  if (body !== undefined) body.end();
}

export function receiveError(stream, message) {
  abandonBody(stream, new TypeError(`The body could not be read: ${message}`));
}

/** The host has granted credit. */
export function receiveCredit(stream) {
  const body = MapPrototypeGet(leaving, stream);
  if (body === undefined) return;
  // The source belongs to the request that sends it.
  ops.setContext(body.context);
  body.resume();
}
