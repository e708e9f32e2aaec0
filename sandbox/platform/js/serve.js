// @ts-check
/** Handling requests: from the host's frame to the tenant's handler and back. */

import { Body } from './body.js';
import { abandonBody, breakOff, dropBody, dropSender, stopSending } from './in_flight.js';
import { ifLoaded, lazy } from './lazy.js';
import { ops } from './ops.js';
import {
  Map, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGet, MapPrototypeSet, PromiseResolve, TypeError,
} from './primordials.js';
import { abortRequest, createIncomingRequest } from './request.js';
import { isResponse, responseParts } from './response.js';
import { configureInterface, illegalConstructor, privateToken, requiredArguments } from './webidl_core.js';

// Failure codes of the wire.
const EXCEPTION = 0;
const NOT_A_RESPONSE = 1;
const NEVER_SETTLES = 2;
const BODY_USED = 4;

/** The object whose `fetch` method handles requests; undefined for a service worker. */
let handlers;
let environment;

/** Ends the WebSockets that a request has opened; undefined as long as there is none. */
let endWires;

/** For `websocket/link.js` alone. */
export function setEndWires(end) {
  endWires = end;
}

/** Stream number → the context of a request that is not over. */
const inFlight = new Map();

let handleRequest;
let failUnsettled;
let abortExchange;

/** What a handler gets as its third argument; also where a request's progress is kept. */
export class ExecutionContext {
  #stream;
  #request;
  /** The engine's context of the request: current whenever code runs for it. */
  #context = ops.context();
  #answered = false;
  /** Promises given to `waitUntil` that are not settled, and the body being sent. */
  #waiting = 0;

  constructor(token, stream, request) {
    if (token !== privateToken) illegalConstructor();
    this.#stream = stream;
    this.#request = request;
  }

  waitUntil(promise) {
    requiredArguments(arguments.length, 1, "Failed to execute 'waitUntil' on 'ExecutionContext'");
    ops.react(
      PromiseResolve(promise),
      () => this.#settled(),
      (error) => {
        ops.reportException(error);
        this.#settled();
      },
    );
    this.#waiting++;
  }

  passThroughOnException() {
    this.#stream;
  }

  get props() {
    this.#stream;
    return {};
  }

  #settled() {
    this.#waiting--;
    this.#finishIfOver();
  }

  #finishIfOver() {
    if (!this.#answered || this.#waiting > 0) return;
    requestDone(this.#stream);
  }

  #respond(response) {
    if (this.#answered) return;
    if (!isResponse(response)) {
      this.#fail(NOT_A_RESPONSE, new TypeError(`The handler returned ${describe(response)}, not a Response.`));
      return;
    }
    const { status, statusText, block, body, socket } = responseParts(response);
    if (body !== null && body.unusable) {
      this.#fail(BODY_USED, new TypeError('The body of the response was already read or is being read.'));
      return;
    }
    try {
      if (socket === null) this.#send(status, statusText, block, body);
      else this.#open(socket, statusText, block);
    } catch (error) {
      const isOut = this.#answered;
      this.#fail(EXCEPTION, error);
      // Its body does not come any more.
      if (isOut) requestDone(this.#stream);
    }
  }

  /** One frame when the body is whole and small; else the head now and the body in chunks. */
  #send(status, statusText, block, body) {
    const stream = this.#stream;
    const whole = body === null ? null : body.whole;
    const sentWhole = ops.respond(stream, status, statusText, block, whole === undefined ? body.lengthOrTrue : whole);
    this.#answered = true;
    if (body !== null) {
      if (whole === undefined) {
        this.#waiting++;
        lazy('./outgoing_body.js').sendStream(stream, body.readable, (error) => {
          if (error !== undefined) ops.reportException(error);
          this.#settled();
        });
      } else {
        body.markUsed();
        if (!sentWhole) {
          this.#waiting++;
          lazy('./outgoing_body.js').sendBytes(stream, body.wholeBytes(), () => this.#settled());
        }
      }
    }
    this.#finishIfOver();
  }

  /** The request lasts as long as its WebSocket. */
  #open(socket, statusText, block) {
    lazy('./websocket/websocket.js').answerWithWebSocket(socket, this.#stream, statusText, block, () => {
      this.#answered = true;
      this.#waiting++;
    }, () => this.#settled());
  }

  #fail(code, error) {
    if (this.#answered) {
      ops.reportException(error);
      return;
    }
    this.#answered = true;
    ops.requestFailed(this.#stream, code, error);
    this.#finishIfOver();
  }

  static {
    handleRequest = (stream, method, url, block, body) => {
      const request = createIncomingRequest(method, url, block, body);
      const context = new ExecutionContext(privateToken, stream, request);
      MapPrototypeSet(inFlight, stream, context);
      let result;
      try {
        result = handlers === undefined ? lazy('./service_worker.js').dispatchFetch(request, context) : handlers.fetch(request, environment, context);
        if (!isResponse(result)) {
          ops.react(
            PromiseResolve(result),
            (response) => context.#respond(response),
            (error) => context.#fail(EXCEPTION, error),
          );
          return;
        }
      } catch (error) {
        context.#fail(EXCEPTION, error);
        return;
      }
      context.#respond(result);
    };

    abortExchange = (context, reason) => {
      const stream = context.#stream;
      context.#answered = true;
      ops.setContext(context.#context);
      attempt(() => abandonBody(stream, reason));
      attempt(() => abortRequest(context.#request, reason));
      attempt(() => stopSending(stream, reason));
      requestDone(stream);
    };

    failUnsettled = (context) => {
      const stream = context.#stream;
      ops.setContext(context.#context);
      attempt(() => {
        if (!context.#answered) {
          context.#fail(NEVER_SETTLES, new TypeError('The handler waits for a promise that nothing can settle any more.'));
        } else if (!breakOff(stream, new TypeError('The body of the response waits for what nothing can bring any more.'))) {
          ops.reportException(new TypeError('waitUntil was given a promise that nothing can settle any more.'));
        }
      });
      requestDone(stream);
    };
  }
}

configureInterface(ExecutionContext);

/** Whatever becomes of one step, the next ones follow. */
function attempt(step) {
  try {
    step();
  } catch (error) {
    ops.reportException(error);
  }
}

/** The host forgets the request with all that belongs to it, and so does this side. */
function requestDone(stream) {
  if (!MapPrototypeDelete(inFlight, stream)) return;
  if (endWires !== undefined) attempt(() => endWires(stream));
  const subrequests = ops.requestDone(stream);
  if (subrequests !== undefined) {
    for (let i = 0; i < subrequests.length; i++) {
      attempt(() => ifLoaded('./fetch.js')?.dropFetch(subrequests[i]));
      drop(subrequests[i]);
    }
  }
  drop(stream);
}

/** What is sent may be what arrives: it goes first. */
function drop(stream) {
  attempt(() => dropSender(stream));
  attempt(() => dropBody(stream));
}

// For the dispatcher.

/** What code has asked to handle requests, instead of exporting it. */
let registered;

/** `fetch(request, environment, context)` handles requests unless the entry module exports a handler. False when there is one already. */
export function registerHandler(fetch) {
  if (registered !== undefined || handlers !== undefined) return false;
  registered = { __proto__: null, fetch };
  return true;
}

/**
 * The deployment is evaluated.
 * @returns {number} 1 if requests are handled, plus 2 if scheduled events are
 */
export function configure(namespace) {
  environment = {};
  const variables = ops.variables();
  for (let i = 0; i < variables.length; i += 2) environment[variables[i]] = variables[i + 1];
  const exported = namespace.default;
  const isObject = (typeof exported === 'object' && exported !== null) || typeof exported === 'function';
  if (isObject && typeof exported.fetch === 'function') {
    handlers = exported;
    return 1 + (typeof exported.scheduled === 'function' ? 2 : 0);
  }
  if (registered !== undefined) {
    handlers = registered;
    return 1;
  }
  const serviceWorker = ifLoaded('./event.js');
  return serviceWorker !== undefined && serviceWorker.hasEventListener(globalThis, 'fetch') ? 1 : 0;
}

/** @param {null | true | Uint8Array} body `true`: it follows in chunks */
export function receiveRequest(stream, method, url, block, body) {
  let received = null;
  if (body === true) received = Body.ofIncoming(stream);
  else if (body !== null) received = Body.ofBytes(body);
  handleRequest(stream, method, url, block, received);
}

/** The client went away, or a limit ended the request. */
export function receiveAbort(stream) {
  const context = MapPrototypeGet(inFlight, stream);
  if (context === undefined) return;
  const { DOMException } = lazy('./dom_exception.js');
  abortExchange(context, new DOMException('The client is gone.', 'AbortError'));
}

/** Nothing can happen any more but new requests: what is not answered now never will be. */
export function receiveIdle() {
  MapPrototypeForEach(inFlight, failUnsettled);
}

function describe(value) {
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}
