// @ts-check
/**
 * Events beside the plain one: CustomEvent (https://dom.spec.whatwg.org/#interface-customevent),
 * ErrorEvent and PromiseRejectionEvent (https://html.spec.whatwg.org/#runtime-script-errors), MessageEvent
 * (https://html.spec.whatwg.org/#messageevent). Loaded when first used.
 */

import { Event, eventInitMembers, initializeEvent, takeEventInit } from './event.js';
import { ifLoaded } from './lazy.js';
import { ObjectFreeze } from './primordials.js';
import { configureInterface, converters, createDictionaryConverter, createInterfaceConverter, createNullable, createSequenceConverter, requiredArguments } from './webidl.js';

const toCustomEventInit = createDictionaryConverter('CustomEventInit', eventInitMembers(), [
  { key: 'detail', converter: converters.any, defaultValue: () => null },
]);

export class CustomEvent extends Event {
  #detail;

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'CustomEvent'";
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toCustomEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#detail = init.detail;
  }

  get detail() {
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    const prefix = "Failed to execute 'initCustomEvent' on 'CustomEvent'";
    this.#detail;
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    if (initializeEvent(this, type, !!bubbles, !!cancelable)) this.#detail = detail;
  }
}

configureInterface(CustomEvent, { length: 1, inspectable: ['detail'] });

const toErrorEventInit = createDictionaryConverter('ErrorEventInit', eventInitMembers(), [
  { key: 'message', converter: converters.DOMString, defaultValue: () => '' },
  { key: 'filename', converter: converters.USVString, defaultValue: () => '' },
  { key: 'lineno', converter: converters['unsigned long'], defaultValue: () => 0 },
  { key: 'colno', converter: converters['unsigned long'], defaultValue: () => 0 },
  { key: 'error', converter: converters.any },
]);

/** The arguments of the global's `onerror` handler; undefined if `event` is no ErrorEvent. */
export let errorParts;

export class ErrorEvent extends Event {
  #init;

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'ErrorEvent'";
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toErrorEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#init = init;
  }

  get message() {
    return this.#init.message;
  }

  get filename() {
    return this.#init.filename;
  }

  get lineno() {
    return this.#init.lineno;
  }

  get colno() {
    return this.#init.colno;
  }

  get error() {
    return this.#init.error;
  }

  static {
    errorParts = (event) => {
      if (!(#init in event)) return undefined;
      const { message, filename, lineno, colno, error } = event.#init;
      return [message, filename, lineno, colno, error];
    };
  }
}

configureInterface(ErrorEvent, { length: 1, inspectable: ['message', 'filename', 'lineno', 'colno', 'error'] });

/** The event that reports `error` (any value); position and message are the engine's where it offers them. */
export function createErrorEvent(error) {
  return new ErrorEvent('error', { __proto__: null, cancelable: true, error, ...describeError(error) });
}

function describeError(error) {
  try {
    if (typeof error === 'object' && error !== null) {
      const { fileName, lineNumber, columnNumber } = error;
      return {
        message: `Uncaught ${error}`,
        filename: typeof fileName === 'string' ? fileName : '',
        lineno: typeof lineNumber === 'number' ? lineNumber : 0,
        colno: typeof columnNumber === 'number' ? columnNumber : 0,
      };
    }
    return { message: `Uncaught ${typeof error === 'symbol' ? 'symbol' : error}` };
  } catch {
    // A hostile getter or toString: the event goes out without a description.
    return { message: 'Uncaught exception' };
  }
}

const toPromiseRejectionEventInit = createDictionaryConverter('PromiseRejectionEventInit', eventInitMembers(), [
  // Not `Promise<any>`: to resolve a rejected promise again would count as handling it.
  { key: 'promise', converter: converters.object, required: true },
  { key: 'reason', converter: converters.any },
]);

export class PromiseRejectionEvent extends Event {
  #promise;
  #reason;

  constructor(type, eventInitDict) {
    const prefix = "Failed to construct 'PromiseRejectionEvent'";
    requiredArguments(arguments.length, 2, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toPromiseRejectionEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#promise = init.promise;
    this.#reason = init.reason;
  }

  get promise() {
    return this.#promise;
  }

  get reason() {
    return this.#reason;
  }
}

configureInterface(PromiseRejectionEvent, { length: 2, inspectable: ['promise', 'reason'] });

const toProgressEventInit = createDictionaryConverter('ProgressEventInit', eventInitMembers(), [
  { key: 'lengthComputable', converter: converters.boolean, defaultValue: () => false },
  { key: 'loaded', converter: converters.double, defaultValue: () => 0 },
  { key: 'total', converter: converters.double, defaultValue: () => 0 },
]);

/** https://xhr.spec.whatwg.org/#interface-progressevent */
export class ProgressEvent extends Event {
  #init;

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'ProgressEvent'";
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toProgressEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#init = init;
  }

  get lengthComputable() {
    return this.#init.lengthComputable;
  }

  get loaded() {
    return this.#init.loaded;
  }

  get total() {
    return this.#init.total;
  }
}

configureInterface(ProgressEvent, { length: 1, inspectable: ['lengthComputable', 'loaded', 'total'] });

// Before that file is loaded there is no port.
const toPort = createInterfaceConverter('MessagePort', (value) => ifLoaded('./message_port.js')?.isMessagePort(value) === true);
const toPorts = createSequenceConverter(toPort);
/** `MessageEventSource?`: the platform has no windows. */
const toSource = createNullable(toPort);

const toMessageEventInit = createDictionaryConverter('MessageEventInit', eventInitMembers(), [
  { key: 'data', converter: converters.any, defaultValue: () => null },
  { key: 'origin', converter: converters.USVString, defaultValue: () => '' },
  { key: 'lastEventId', converter: converters.DOMString, defaultValue: () => '' },
  { key: 'source', converter: toSource, defaultValue: () => null },
  { key: 'ports', converter: toPorts, defaultValue: () => [] },
]);

/** A MessageEvent of the platform's own. */
export let createMessageEvent;

export class MessageEvent extends Event {
  #init;

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'MessageEvent'";
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = toMessageEventInit(eventInitDict, prefix, 'Argument 2');
    super(type);
    takeEventInit(this, init);
    this.#init = init;
    ObjectFreeze(this.#init.ports);
  }

  get data() {
    return this.#init.data;
  }

  get origin() {
    return this.#init.origin;
  }

  get lastEventId() {
    return this.#init.lastEventId;
  }

  get source() {
    return this.#init.source;
  }

  get ports() {
    return this.#init.ports;
  }

  initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '', source = null, ports = []) {
    const prefix = "Failed to execute 'initMessageEvent' on 'MessageEvent'";
    this.#init;
    requiredArguments(arguments.length, 1, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    const init = {
      __proto__: null,
      data,
      origin: converters.USVString(origin, prefix, 'Argument 5'),
      lastEventId: converters.DOMString(lastEventId, prefix, 'Argument 6'),
      source: toSource(source, prefix, 'Argument 7'),
      ports: ObjectFreeze(toPorts(ports, prefix, 'Argument 8')),
    };
    if (initializeEvent(this, type, !!bubbles, !!cancelable)) this.#init = init;
  }

  static {
    createMessageEvent = (type, data, ports, origin = '', lastEventId = '') => {
      const event = new MessageEvent(type);
      event.#init = { __proto__: null, data, origin, lastEventId, source: null, ports: ObjectFreeze(ports) };
      return event;
    };
  }
}

configureInterface(MessageEvent, { length: 1, inspectable: ['data', 'origin', 'lastEventId'] });
