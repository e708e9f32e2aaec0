// @ts-check
/** FetchEvent of the Service Workers specification (https://w3c.github.io/ServiceWorker/#fetchevent-interface), for `addEventListener('fetch', …)`. */

import { Event, dispatch, setIsTrusted } from './event.js';
import { DOMException } from './dom_exception.js';
import { PromiseReject, PromiseResolve, TypeError } from './primordials.js';
import { configureInterface, privateToken, illegalConstructor, requiredArguments } from './webidl.js';

let responseOf;
let dispatched;

export class FetchEvent extends Event {
  #request;
  #context;
  #response = undefined;
  #beingDispatched = true;

  constructor(token, request, context) {
    if (token !== privateToken) illegalConstructor();
    super('fetch', { cancelable: true });
    this.#request = request;
    this.#context = context;
  }

  get request() {
    return this.#request;
  }

  respondWith(response) {
    requiredArguments(arguments.length, 1, "Failed to execute 'respondWith' on 'FetchEvent'");
    if (!this.#beingDispatched) {
      throw new DOMException("Failed to execute 'respondWith' on 'FetchEvent': The event is not being dispatched any more.", 'InvalidStateError');
    }
    if (this.#response !== undefined) {
      throw new DOMException("Failed to execute 'respondWith' on 'FetchEvent': The event has been responded to already.", 'InvalidStateError');
    }
    this.#response = PromiseResolve(response);
    this.stopImmediatePropagation();
  }

  waitUntil(promise) {
    requiredArguments(arguments.length, 1, "Failed to execute 'waitUntil' on 'FetchEvent'");
    this.#context.waitUntil(promise);
  }

  passThroughOnException() {
    this.#context;
  }

  static {
    responseOf = (event) => event.#response;
    /** "Dispatch flag" of an event that is dispatched once. */
    dispatched = (event) => {
      event.#beingDispatched = false;
      return event.#response !== undefined;
    };
  }
}

configureInterface(FetchEvent);

/** Dispatches a `fetch` event; returns the promise given to `respondWith`. */
export function dispatchFetch(request, context) {
  const event = new FetchEvent(privateToken, request, context);
  setIsTrusted(event);
  dispatch(globalThis, event);
  if (!dispatched(event)) return PromiseReject(new TypeError("No listener of 'fetch' called respondWith."));
  return responseOf(event);
}
