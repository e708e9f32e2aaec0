// @ts-check
/**
 * Streams Standard §4.2 "The ReadableStream class", §4.9.1 and §4.9.2.
 *
 * A platform object (what tenants hold) has one private field: its slots, a plain record. Every
 * algorithm works on slots alone, so streams that no tenant looks at cost no platform objects.
 */
import { ObjectDefineProperty, PromiseReject, PromiseResolve, ReflectApply, SymbolAsyncIterator, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { isAbortSignal } from '../abort.js';
import { captureStores } from '../context_stores.js';
import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { registerTransferable } from '../serializable.js';
import { configureInterface, converters, privateToken, requiredArguments } from '../webidl.js';
import {
  acquireReadableStreamBYOBReader, acquireReadableStreamDefaultReader, readableStreamBYOBReaderErrorReadIntoRequests, readableStreamDefaultReaderErrorReadRequests,
} from './readable_readers.js';
import { setUpReadableByteStreamController } from './readable_byte_stream.js';
import { setUpReadableStreamDefaultController } from './readable_default_controller.js';
import { createAsyncIterator, readableStreamFromIterable } from './readable_iteration.js';
import { readableStreamPipeTo } from './pipe.js';
import { readableStreamTee } from './tee.js';
import { isWritableStream, writableStreamSlots } from './writable_stream.js';
import { extractHighWaterMark, extractSizeAlgorithm, toQueuingStrategy } from './queuing_strategies.js';
import { callbackMember, callbackOutcome, List, toDictionary, uponSettled } from './support.js';

/** Whether `value` is a ReadableStream. @type {(value: any) => boolean} */
export let isReadableStream;

/** The slots of a ReadableStream. @type {(stream: ReadableStream) => ReadableStreamSlots} */
export let readableStreamSlots;

export class ReadableStream {
  #slots;

  static {
    isReadableStream = (value) => typeof value === 'object' && value !== null && #slots in value;
    readableStreamSlots = (stream) => stream.#slots;
  }

  constructor(underlyingSource = undefined, strategy = undefined) {
    if (underlyingSource === privateToken) {
      this.#slots = strategy;
      strategy.object = this;
      return;
    }
    const prefix = "Failed to construct 'ReadableStream'";
    if (underlyingSource !== undefined) converters.object(underlyingSource, prefix, 'Argument 1');
    const queuing = toQueuingStrategy(strategy, prefix);
    const source = toUnderlyingSource(underlyingSource, prefix);
    const slots = new ReadableStreamSlots();
    slots.object = this;
    this.#slots = slots;
    if (source.type === 'bytes') {
      if (queuing.size !== undefined) throw new RangeError(`${prefix}: a byte stream's strategy cannot have a size function`);
      const highWaterMark = extractHighWaterMark(queuing, 0);
      if (source.autoAllocateChunkSize === 0) throw new TypeError(`${prefix}: autoAllocateChunkSize must be greater than 0`);
      setUpReadableByteStreamController(slots, source, highWaterMark, source.autoAllocateChunkSize, source.start);
    } else {
      const size = extractSizeAlgorithm(queuing);
      setUpReadableStreamDefaultController(slots, source, extractHighWaterMark(queuing, 1), size, source.start);
    }
  }

  static from(asyncIterable) {
    requiredArguments(arguments.length, 1, "Failed to execute 'from' on 'ReadableStream'");
    return readableStreamFromIterable(asyncIterable).platformObject;
  }

  get locked() {
    return this.#slots.reader !== undefined;
  }

  cancel(reason = undefined) {
    if (!isReadableStream(this)) return PromiseReject(new TypeError('Illegal invocation'));
    if (this.#slots.reader !== undefined) return PromiseReject(new TypeError('Cannot cancel a stream that is locked to a reader'));
    return readableStreamCancel(this.#slots, reason);
  }

  getReader(options = undefined) {
    const slots = this.#slots;
    const prefix = "Failed to execute 'getReader' on 'ReadableStream'";
    const mode = toDictionary(options, `${prefix}: the argument`)?.mode;
    if (mode === undefined) return acquireReadableStreamDefaultReader(slots).platformObject;
    if (converters.DOMString(mode, prefix, "'mode'") !== 'byob') throw new TypeError(`${prefix}: '${mode}' is not a valid reader mode`);
    return acquireReadableStreamBYOBReader(slots).platformObject;
  }

  pipeThrough(transform, options = undefined) {
    const prefix = "Failed to execute 'pipeThrough' on 'ReadableStream'";
    const slots = this.#slots;
    requiredArguments(arguments.length, 1, prefix);
    const pair = toDictionary(transform, `${prefix}: the transform`);
    const readable = pair?.readable;
    if (!isReadableStream(readable)) throw new TypeError(`${prefix}: member 'readable' is not a ReadableStream`);
    const writable = pair?.writable;
    if (!isWritableStream(writable)) throw new TypeError(`${prefix}: member 'writable' is not a WritableStream`);
    const pipe = toPipeOptions(options, prefix);
    const destination = writableStreamSlots(writable);
    if (slots.reader !== undefined) throw new TypeError('Cannot pipe a stream that is locked to a reader');
    if (destination.writer !== undefined) throw new TypeError('Cannot pipe to a stream that is locked to a writer');
    ops.markPromiseHandled(readableStreamPipeTo(slots, destination, pipe));
    return readable;
  }

  pipeTo(destination, options = undefined) {
    try {
      const prefix = "Failed to execute 'pipeTo' on 'ReadableStream'";
      const slots = this.#slots;
      requiredArguments(arguments.length, 1, prefix);
      if (!isWritableStream(destination)) throw new TypeError(`${prefix}: argument 1 is not a WritableStream`);
      const pipe = toPipeOptions(options, prefix);
      const sink = writableStreamSlots(destination);
      if (slots.reader !== undefined) throw new TypeError('Cannot pipe a stream that is locked to a reader');
      if (sink.writer !== undefined) throw new TypeError('Cannot pipe to a stream that is locked to a writer');
      return readableStreamPipeTo(slots, sink, pipe);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  tee() {
    const branches = readableStreamTee(this.#slots, false);
    return [branches[0].platformObject, branches[1].platformObject];
  }

  values(options = undefined) {
    const slots = this.#slots;
    const dictionary = toDictionary(options, "Failed to execute 'values' on 'ReadableStream': the argument");
    return createAsyncIterator(slots, !!dictionary?.preventCancel);
  }
}

configureInterface(ReadableStream);
ObjectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, {
  __proto__: null, value: ReadableStream.prototype.values, writable: true, enumerable: false, configurable: true,
});

registerTransferable(
  isReadableStream,
  (stream) => lazy('./streams/transferable.js').wasTransferred(stream),
  (stream) => lazy('./streams/transferable.js').transferReadableStream(stream),
);

/** The internal slots of a ReadableStream (§4.2.2). */
export class ReadableStreamSlots {
  /** @type {'readable' | 'closed' | 'errored'} */
  state = 'readable';
  /** The slots of the reader that holds the lock. */
  reader = undefined;
  storedError = undefined;
  disturbed = false;
  /** The controller's slots; their `pullSteps`, `cancelSteps` and `releaseSteps` differ by kind. */
  controller = undefined;
  /** The ReadableStream, once someone asked for it. */
  object = undefined;

  get platformObject() {
    return this.object ?? new ReadableStream(privateToken, this);
  }
}

/**
 * CreateReadableStream.
 * @param {{ pull(controller): Promise<void> | undefined, cancel(reason): Promise<any> | undefined }} source
 * @returns {ReadableStreamSlots}
 */
export function createReadableStreamSlots(source, highWaterMark = 1, size = undefined) {
  const stream = new ReadableStreamSlots();
  setUpReadableStreamDefaultController(stream, source, highWaterMark, size);
  return stream;
}

/** CreateReadableByteStream. */
export function createReadableByteStreamSlots(source, highWaterMark = 0) {
  const stream = new ReadableStreamSlots();
  setUpReadableByteStreamController(stream, source, highWaterMark, undefined);
  return stream;
}

export function readableStreamCancel(stream, reason) {
  stream.disturbed = true;
  if (stream.state === 'closed') return PromiseResolve(undefined);
  if (stream.state === 'errored') return PromiseReject(stream.storedError);
  readableStreamClose(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.isBYOB) {
    const requests = reader.requests;
    reader.requests = new List();
    while (requests.size > 0) requests.shift().closeSteps(undefined);
  }
  let outcome;
  try {
    outcome = stream.controller.cancelSteps(reason);
  } catch (error) {
    return PromiseReject(error);
  }
  return uponSettled(outcome, returnUndefined);
}

export function readableStreamClose(stream) {
  stream.state = 'closed';
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve();
  if (reader.isBYOB) return;
  const requests = reader.requests;
  reader.requests = new List();
  while (requests.size > 0) requests.shift().closeSteps();
}

export function readableStreamError(stream, error) {
  stream.state = 'errored';
  stream.storedError = error;
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.rejectHandled(error);
  if (reader.isBYOB) readableStreamBYOBReaderErrorReadIntoRequests(reader, error);
  else readableStreamDefaultReaderErrorReadRequests(reader, error);
}

export function readableStreamFulfillReadRequest(stream, chunk, done) {
  const request = stream.reader.requests.shift();
  if (done) request.closeSteps(chunk);
  else request.chunkSteps(chunk);
}

/** ReadableStreamFulfillReadIntoRequest; both kinds of request have the same steps. */
export const readableStreamFulfillReadIntoRequest = readableStreamFulfillReadRequest;

/** How many reads wait: ReadableStreamGetNumReadRequests, 0 when the lock is not held by a default reader. */
export function readableStreamNumReadRequests(stream) {
  const { reader } = stream;
  return reader === undefined || reader.isBYOB ? 0 : reader.requests.size;
}

/** ReadableStreamGetNumReadIntoRequests, 0 when the lock is not held by a BYOB reader. */
export function readableStreamNumReadIntoRequests(stream) {
  const { reader } = stream;
  return reader === undefined || !reader.isBYOB ? 0 : reader.requests.size;
}

function returnUndefined() {}

/** An underlying source (§4.2.3) given by a tenant: its members, called with it as `this`. */
class UnderlyingSource {
  constructor(object, start, pull, cancel, type, autoAllocateChunkSize) {
    this.object = object;
    this.call = captureStores() ?? ReflectApply;
    this.start = start === undefined ? undefined : (controller) => ReflectApply(start, object, [controller.platformObject]);
    this.pullCallback = pull;
    this.cancelCallback = cancel;
    this.type = type;
    this.autoAllocateChunkSize = autoAllocateChunkSize;
  }

  pull(controller) {
    if (this.pullCallback === undefined) return undefined;
    return callbackOutcome(this.call(this.pullCallback, this.object, [controller.platformObject]));
  }

  cancel(reason) {
    if (this.cancelCallback === undefined) return undefined;
    return callbackOutcome(this.call(this.cancelCallback, this.object, [reason]));
  }
}

function toUnderlyingSource(object, prefix) {
  if (object === undefined) return new UnderlyingSource(undefined, undefined, undefined, undefined, undefined, undefined);
  let { autoAllocateChunkSize } = object;
  if (autoAllocateChunkSize !== undefined) {
    autoAllocateChunkSize = converters['unsigned long long'](autoAllocateChunkSize, prefix, "'autoAllocateChunkSize'", ENFORCE_RANGE);
  }
  const cancel = callbackMember(object, 'cancel', prefix);
  const pull = callbackMember(object, 'pull', prefix);
  const start = callbackMember(object, 'start', prefix);
  let { type } = object;
  if (type !== undefined && (type = converters.DOMString(type, prefix, "'type'")) !== 'bytes') {
    throw new TypeError(`${prefix}: '${type}' is not a valid type of underlying source`);
  }
  return new UnderlyingSource(object, start, pull, cancel, type, autoAllocateChunkSize);
}

const ENFORCE_RANGE = { __proto__: null, enforceRange: true };

function toPipeOptions(value, prefix) {
  const options = toDictionary(value, `${prefix}: the options`);
  const preventAbort = !!options?.preventAbort;
  const preventCancel = !!options?.preventCancel;
  const preventClose = !!options?.preventClose;
  const signal = options?.signal;
  if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError(`${prefix}: member 'signal' is not an AbortSignal`);
  return { preventAbort, preventCancel, preventClose, signal };
}

inheritNothing(ReadableStreamSlots, UnderlyingSource);
