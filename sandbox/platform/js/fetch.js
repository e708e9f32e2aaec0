// @ts-check
/** The fetch method of the Fetch Standard (https://fetch.spec.whatwg.org/#fetch-method). The host does the fetching. */

import { Body } from './body.js';
import { headersFromBlock, headersGet } from './headers.js';
import { abandonBody, stopSending } from './in_flight.js';
import { ifLoaded, lazy } from './lazy.js';
import { ops } from './ops.js';
import {
  Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, PromiseReject, PromiseWithResolvers, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase, TypeError,
} from './primordials.js';
import { Request, requestParts } from './request.js';
import { createFetchResponse, setResponseSocket } from './response.js';
import { requiredArguments } from './webidl.js';

const FOLLOW = 0;
const ERROR = 1;
const MANUAL = 2;

/** Stream number → `{ resolve, reject, signal, abort, opened, dropped, failed }` of a fetch that waits for its response. */
const pending = new Map();

export function fetch(input, init = undefined) {
  let parts;
  try {
    requiredArguments(arguments.length, 1, "Failed to execute 'fetch'");
    parts = requestParts(new Request(input, init));
    if (parts.signal !== undefined && lazy('./abort.js').signalAborted(parts.signal)) {
      return PromiseReject(lazy('./abort.js').signalReason(parts.signal));
    }
    return start(parts);
  } catch (error) {
    return PromiseReject(error);
  }
}

function start({ method, url: href, block, body, redirect, signal }) {
  if (!StringPrototypeStartsWith(href, 'http://') && !StringPrototypeStartsWith(href, 'https://')) {
    throw new TypeError(`Failed to execute 'fetch': '${href}' is not an http(s) URL.`);
  }
  const hash = StringPrototypeIndexOf(href, '#');
  const url = hash === -1 ? href : StringPrototypeSlice(href, 0, hash);
  if (StringPrototypeIncludes(block, 'upgrade\n') && method === 'GET' && asksForWebSocket(block)) return startWebSocket(url, block, signal);
  return send(method, url, block, body, redirect === 'follow' ? FOLLOW : redirect === 'error' ? ERROR : MANUAL, signal);
}

/** Opens a subrequest, and sends its body; a promise of the Response. The URL is http or https, or one that the host knows. */
export function send(method, url, block, body, redirectMode, signal) {
  const whole = body === null ? null : body.whole;
  // `true`: the body follows; the op also answers so for a whole one that does not fit inline.
  const stream = ops.fetch(method, url, block, whole === undefined ? body.lengthOrTrue : whole, redirectMode);
  const { promise, resolve, reject } = PromiseWithResolvers();
  const entry = { __proto__: null, resolve, reject, signal, abort: undefined, opened: undefined, dropped: undefined, failed: 'fetch failed' };
  MapPrototypeSet(pending, stream, entry);
  if (body !== null && ops.bodyFollows(stream)) {
    if (whole === undefined) lazy('./outgoing_body.js').sendStream(stream, body.readable, noteSent);
    else lazy('./outgoing_body.js').sendBytes(stream, body.wholeBytes(), noteSent);
  }
  if (signal !== undefined) followSignal(stream, entry);
  return promise;
}

function followSignal(stream, entry) {
  const { signal, reject } = entry;
  const { addAbortAlgorithm, signalReason } = lazy('./abort.js');
  entry.abort = () => {
    const reason = signalReason(signal);
    ops.abortStream(stream);
    stopSending(stream, reason);
    if (MapPrototypeDelete(pending, stream)) reject(reason);
    else abandonBody(stream, reason);
  };
  addAbortAlgorithm(signal, entry.abort);
}

/** The signal may live long: it keeps nothing of what it has nothing to do with any more. */
function unfollowSignal({ signal, abort }) {
  const module = ifLoaded('./abort.js');
  if (signal !== undefined && module !== undefined) module.removeAbortAlgorithm(signal, abort);
}

function asksForWebSocket(block) {
  const upgrade = headersGet(headersFromBlock(block, 'none'), 'upgrade');
  return upgrade !== null && StringPrototypeToLowerCase(upgrade) === 'websocket';
}

/** What Workers have beside the Standard: a request with `Upgrade: websocket` whose response has a `webSocket`. */
function startWebSocket(url, block, signal) {
  const { promise, resolve, reject } = PromiseWithResolvers();
  const opened = (wire, fields, statusText) => {
    const { createFetchedWebSocket } = lazy('./websocket/websocket.js');
    const response = createFetchResponse(url, false, 101, statusText, fields, null);
    const protocol = headersGet(headersFromBlock(fields, 'none'), 'sec-websocket-protocol');
    setResponseSocket(response, createFetchedWebSocket(wire, url, protocol));
    resolve(response);
  };
  const entry = { __proto__: null, resolve, reject, signal, abort: undefined, opened, dropped: undefined, failed: 'fetch failed' };
  const stream = connect(url, block, entry);
  if (signal !== undefined) followSignal(stream, entry);
  return promise;
}

/**
 * A subrequest that shall become a WebSocket; returns its stream. If it does, `entry.opened(wire, fields, statusText)` is called, otherwise
 * `resolve` or `reject` as for others.
 */
export function connect(url, block, entry) {
  const stream = ops.connect(url, block);
  MapPrototypeSet(pending, stream, entry);
  return stream;
}

/** Nobody wants it any more. */
export function giveUp(stream) {
  if (MapPrototypeDelete(pending, stream)) ops.abortStream(stream);
}

/** Its request is over, and with it everything that waits for the response. */
export function dropFetch(stream) {
  const entry = MapPrototypeGet(pending, stream);
  if (entry === undefined) return;
  MapPrototypeDelete(pending, stream);
  unfollowSignal(entry);
  if (entry.dropped !== undefined) entry.dropped();
}

/** A body that breaks off ends its request, which the host reports. */
function noteSent() {}

// For the dispatcher.

export function receiveResponse(stream, status, redirected, statusText, url, block, body) {
  const entry = MapPrototypeGet(pending, stream);
  if (entry === undefined) return;
  MapPrototypeDelete(pending, stream);
  if (status === 101 && entry.opened !== undefined) {
    const { LinkWire } = lazy('./websocket/link.js');
    entry.opened(new LinkWire(stream, ops.parentOf(stream), () => unfollowSignal(entry)), block, statusText);
    return;
  }
  let received = null;
  if (body === true) {
    received = Body.ofIncoming(stream, () => unfollowSignal(entry));
  } else {
    unfollowSignal(entry);
    if (body !== null) received = Body.ofBytes(body);
  }
  entry.resolve(createFetchResponse(url, redirected, status, statusText, block, received));
}

export function receiveFailure(stream, message) {
  const entry = MapPrototypeGet(pending, stream);
  if (entry === undefined) return;
  MapPrototypeDelete(pending, stream);
  unfollowSignal(entry);
  stopSending(stream, undefined);
  entry.reject(new TypeError(`${entry.failed}: ${message}`));
}
