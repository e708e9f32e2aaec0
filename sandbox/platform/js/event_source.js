// @ts-check
/**
 * EventSource of the HTML Standard (https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface).
 *
 * There is no origin that credentials or CORS could be about: `withCredentials` is kept and means nothing. A connection lives as long as the
 * request that it was made for. Who cannot be reached for long is given up.
 */

import { createAbortSignal, signalAbort } from './abort.js';
import { EventTarget, defineEventHandler, dispatch, fireEvent, hasEventListener, setIsTrusted } from './event.js';
import { EventStream } from './event_stream.js';
import { createMessageEvent } from './event_types.js';
import { fetch } from './fetch.js';
import { headersGet, headersFromBlock } from './headers.js';
import { extractMIMEType } from './mime_type.js';
import { ops } from './ops.js';
import { StringFromCharCode } from './primordials.js';
import { TypedArrayPrototypeGetLength } from './primordials/buffers.js';
import { MathMin } from './primordials/math.js';
import { responseParts } from './response.js';
import { acquireDefaultReader, readChunk } from './streams/index.js';
import { cancelTimer, queueTaskIn, startTimer } from './timers.js';
import { urlParts } from './url.js';
import { configureInterface, converters, createDOMException, createDictionaryConverter, defineConstants, requiredArguments } from './webidl.js';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** Milliseconds until the next attempt, unless the server says otherwise, and at the most. */
const RECONNECTION_TIME = 3000;
const LONGEST_WAIT = 2 ** 31 - 1;
/** Attempts in a row that may come to nothing. */
const ATTEMPTS = 10;

const toEventSourceInit = createDictionaryConverter('EventSourceInit', [{ key: 'withCredentials', converter: converters.boolean, defaultValue: () => false }]);

export class EventSource extends EventTarget {
  #url;
  #withCredentials;
  #readyState = CONNECTING;
  #reconnectionTime = RECONNECTION_TIME;
  #lastEventId = '';
  #signal = undefined;
  #timer = undefined;
  #failures = 0;
  /** Chunks arrive in nobody's context. */
  #context = ops.context();

  constructor(url, eventSourceInitDict = undefined) {
    const prefix = "Failed to construct 'EventSource'";
    requiredArguments(arguments.length, 1, prefix);
    url = converters.USVString(url, prefix, 'Argument 1');
    const { withCredentials } = toEventSourceInit(eventSourceInitDict, prefix, 'Argument 2');
    const parts = urlParts(url, undefined);
    if (parts === undefined) throw createDOMException(`${prefix}: The URL '${url}' is invalid.`, 'SyntaxError');
    super();
    this.#url = parts.href;
    this.#withCredentials = withCredentials;
    this.#connect();
  }

  get url() {
    return this.#url;
  }

  get withCredentials() {
    return this.#withCredentials;
  }

  get readyState() {
    return this.#readyState;
  }

  close() {
    this.#readyState = CLOSED;
    if (this.#timer !== undefined) cancelTimer(this.#timer);
    this.#timer = undefined;
    this.#abandon();
  }

  #connect() {
    const signal = (this.#signal = createAbortSignal());
    const headers = { __proto__: null, accept: 'text/event-stream', 'cache-control': 'no-store' };
    if (this.#lastEventId !== '') headers['last-event-id'] = toByteString(this.#lastEventId);
    ops.react(
      fetch(this.#url, { __proto__: null, headers, signal }),
      (response) => {
        if (this.#signal === signal) this.#receive(response, signal);
      },
      () => {
        if (this.#signal === signal) this.#reestablish();
      },
    );
  }

  #receive(response, signal) {
    const { status, url, block, body } = responseParts(response);
    const type = extractMIMEType(headersGet(headersFromBlock(block, 'none'), 'content-type'));
    if (status !== 200 || type?.essence !== 'text/event-stream') {
      this.#fail();
      return;
    }
    this.#announce();
    if (body === null) {
      this.#reestablish();
      return;
    }
    const origin = originOf(url);
    const stream = new EventStream(
      this.#lastEventId,
      (eventType, data, lastEventId) => {
        this.#queueTask(() => this.#deliver(eventType, data, origin, lastEventId));
      },
      (milliseconds) => {
        this.#reconnectionTime = MathMin(milliseconds, LONGEST_WAIT);
      },
    );
    const reader = acquireDefaultReader(body.readable);
    const ended = () => {
      if (this.#signal === signal) this.#reestablish();
    };
    const request = { __proto__: null, chunkSteps: undefined, closeSteps: ended, errorSteps: ended };
    const read = () => {
      if (this.#signal === signal) readChunk(reader, request);
    };
    request.chunkSteps = (chunk) => {
      stream.push(chunk);
      // No more is read before the events that were are delivered.
      this.#queueTask(read);
    };
    read();
  }

  /** "Announce the connection". */
  #announce() {
    this.#queueTask(() => {
      if (this.#readyState === CLOSED) return;
      this.#readyState = OPEN;
      this.#failures = 0;
      fireEvent(this, 'open');
    });
  }

  /** `data` is undefined when there is only an id to remember. */
  #deliver(type, data, origin, lastEventId) {
    if (this.#readyState === CLOSED) return;
    this.#lastEventId = lastEventId;
    if (data === undefined || !hasEventListener(this, type)) return;
    dispatch(this, setIsTrusted(createMessageEvent(type, data, [], origin, lastEventId)));
  }

  /** "Reestablish the connection". */
  #reestablish() {
    this.#signal = undefined;
    if (++this.#failures >= ATTEMPTS) {
      this.#fail();
      return;
    }
    this.#queueTask(() => {
      if (this.#readyState === CLOSED) return;
      this.#readyState = CONNECTING;
      fireEvent(this, 'error');
      // The listener may have closed it.
      if (this.#readyState !== CONNECTING) return;
      this.#timer = startTimer(this.#reconnectionTime, () => {
        this.#timer = undefined;
        if (this.#readyState === CONNECTING) this.#connect();
      });
    });
  }

  /** "Fail the connection". */
  #fail() {
    this.#abandon();
    this.#queueTask(() => {
      if (this.#readyState === CLOSED) return;
      this.#readyState = CLOSED;
      fireEvent(this, 'error');
    });
  }

  #queueTask(steps) {
    queueTaskIn(this.#context, steps);
  }

  #abandon() {
    const signal = this.#signal;
    this.#signal = undefined;
    if (signal !== undefined) signalAbort(signal, undefined);
  }
}

defineEventHandler(EventSource.prototype, 'open');
defineEventHandler(EventSource.prototype, 'message');
defineEventHandler(EventSource.prototype, 'error');
configureInterface(EventSource, { length: 1, inspectable: ['url', 'readyState', 'withCredentials'] });
defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });

/** UTF-8, each byte a character, as header fields are given. */
function toByteString(text) {
  const bytes = ops.utf8Encode(text);
  let result = '';
  for (let i = 0; i < TypedArrayPrototypeGetLength(bytes); i++) result += StringFromCharCode(bytes[i]);
  return result;
}

function originOf(url) {
  const { protocol, hostname, port } = urlParts(url, undefined);
  return port === '' ? `${protocol}://${hostname}` : `${protocol}://${hostname}:${port}`;
}
