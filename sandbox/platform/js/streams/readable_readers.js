// @ts-check
/** Streams Standard §4.3 to §4.5: the readers of readable streams, and their operations (§4.9.3). */
import { PromiseReject, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import {
  ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} from '../primordials/buffers.js';
import { ops } from '../ops.js';
import { configureInterface, converters, privateToken, requiredArguments } from '../webidl.js';
import { isReadableByteStreamController, readableByteStreamControllerPullInto } from './readable_byte_stream.js';
import { isReadableStream, readableStreamCancel, readableStreamSlots } from './readable_stream.js';
import { List, PromiseSlot, toDictionary } from './support.js';
import { viewBuffer, viewByteLength } from './views.js';

let isDefaultReader;
let isBYOBReader;

export class ReadableStreamDefaultReader {
  #slots;

  static {
    isDefaultReader = (value) => typeof value === 'object' && value !== null && #slots in value;
  }

  constructor(stream, slots = undefined) {
    if (stream === privateToken) {
      this.#slots = slots;
      return;
    }
    const prefix = "Failed to construct 'ReadableStreamDefaultReader'";
    requiredArguments(arguments.length, 1, prefix);
    if (!isReadableStream(stream)) throw new TypeError(`${prefix}: argument 1 is not a ReadableStream`);
    this.#slots = acquireReadableStreamDefaultReader(readableStreamSlots(stream));
    this.#slots.object = this;
  }

  get closed() {
    return isDefaultReader(this) ? this.#slots.closed.get() : illegalInvocation();
  }

  cancel(reason = undefined) {
    return isDefaultReader(this) ? readerCancel(this.#slots, reason) : illegalInvocation();
  }

  read() {
    if (!isDefaultReader(this)) return illegalInvocation();
    if (this.#slots.stream === undefined) return PromiseReject(releasedError('read from'));
    const request = new PromiseReadRequest();
    readableStreamDefaultReaderRead(this.#slots, request);
    return request.promise ?? request.wait();
  }

  releaseLock() {
    if (this.#slots.stream !== undefined) readableStreamDefaultReaderRelease(this.#slots);
  }
}

export class ReadableStreamBYOBReader {
  #slots;

  static {
    isBYOBReader = (value) => typeof value === 'object' && value !== null && #slots in value;
  }

  constructor(stream, slots = undefined) {
    if (stream === privateToken) {
      this.#slots = slots;
      return;
    }
    const prefix = "Failed to construct 'ReadableStreamBYOBReader'";
    requiredArguments(arguments.length, 1, prefix);
    if (!isReadableStream(stream)) throw new TypeError(`${prefix}: argument 1 is not a ReadableStream`);
    this.#slots = acquireReadableStreamBYOBReader(readableStreamSlots(stream));
    this.#slots.object = this;
  }

  get closed() {
    return isBYOBReader(this) ? this.#slots.closed.get() : illegalInvocation();
  }

  cancel(reason = undefined) {
    return isBYOBReader(this) ? readerCancel(this.#slots, reason) : illegalInvocation();
  }

  read(view, options = undefined) {
    try {
      const slots = this.#slots;
      requiredArguments(arguments.length, 1, "Failed to execute 'read' on 'ReadableStreamBYOBReader'");
      const minimum = checkReadInto(view, options);
      if (slots.stream === undefined) throw releasedError('read from');
      const request = new PromiseReadRequest();
      readableStreamBYOBReaderRead(slots, view, minimum, request);
      return request.promise ?? request.wait();
    } catch (error) {
      return PromiseReject(error);
    }
  }

  releaseLock() {
    if (this.#slots.stream !== undefined) readableStreamBYOBReaderRelease(this.#slots);
  }
}

configureInterface(ReadableStreamDefaultReader);
configureInterface(ReadableStreamBYOBReader);

/** The slots of a reader of either kind: ReadableStreamGenericReader's and the list of waiting requests. */
class ReaderSlots {
  /** Undefined once the lock is released. */
  stream;
  isBYOB;
  closed;
  /** Requests have `chunkSteps(chunk)`, `closeSteps(chunk)` and `errorSteps(error)`. */
  requests = new List();
  object = undefined;

  /** ReadableStreamReaderGenericInitialize. */
  constructor(stream, isBYOB) {
    this.stream = stream;
    this.isBYOB = isBYOB;
    stream.reader = this;
    if (stream.state === 'readable') this.closed = new PromiseSlot();
    else if (stream.state === 'closed') this.closed = PromiseSlot.fulfilled();
    else this.closed = PromiseSlot.rejectedHandled(stream.storedError);
  }

  get platformObject() {
    return (this.object ??= this.isBYOB ? new ReadableStreamBYOBReader(privateToken, this) : new ReadableStreamDefaultReader(privateToken, this));
  }
}

/** A read request, or read-into request, that settles a promise. */
class PromiseReadRequest {
  constructor() {
    this.promise = undefined;
    this.waits = false;
  }

  /** The promise of a request that nothing has answered yet. */
  wait() {
    this.waits = true;
    return (this.promise = ops.newPromise());
  }

  chunkSteps(chunk) {
    this.#fulfill({ value: chunk, done: false });
  }

  closeSteps(chunk) {
    this.#fulfill({ value: chunk, done: true });
  }

  errorSteps(error) {
    if (this.waits) ops.rejectPromise(this.promise, error);
    else this.promise = PromiseReject(error);
  }

  #fulfill(result) {
    if (!this.waits) this.promise = ops.newPromise();
    ops.resolvePromise(this.promise, result);
  }
}

export function acquireReadableStreamDefaultReader(stream) {
  if (stream.reader !== undefined) throw new TypeError('The stream is already locked to a reader');
  return new ReaderSlots(stream, false);
}

export function acquireReadableStreamBYOBReader(stream) {
  if (stream.reader !== undefined) throw new TypeError('The stream is already locked to a reader');
  if (!isReadableByteStreamController(stream.controller)) throw new TypeError("A reader with mode 'byob' needs a byte stream");
  return new ReaderSlots(stream, true);
}

export function readableStreamDefaultReaderRead(reader, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'readable') stream.controller.pullSteps(request);
  else if (stream.state === 'closed') request.closeSteps(undefined);
  else request.errorSteps(stream.storedError);
}

export function readableStreamBYOBReaderRead(reader, view, minimum, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === 'errored') request.errorSteps(stream.storedError);
  else readableByteStreamControllerPullInto(stream.controller, view, minimum, request);
}

export function readableStreamDefaultReaderRelease(reader) {
  readableStreamReaderGenericRelease(reader);
  if (reader.requests.size > 0) readableStreamDefaultReaderErrorReadRequests(reader, waitError());
}

export const readableStreamBYOBReaderRelease = readableStreamDefaultReaderRelease;

export function readableStreamDefaultReaderErrorReadRequests(reader, error) {
  const { requests } = reader;
  reader.requests = new List();
  while (requests.size > 0) requests.shift().errorSteps(error);
}

export const readableStreamBYOBReaderErrorReadIntoRequests = readableStreamDefaultReaderErrorReadRequests;

function readableStreamReaderGenericRelease(reader) {
  const { stream } = reader;
  if (stream.state === 'readable') reader.closed.rejectHandledWith(waitError);
  else reader.closed = PromiseSlot.rejectedHandledWith(waitError);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
}

function readerCancel(reader, reason) {
  if (reader.stream === undefined) return PromiseReject(releasedError('cancel'));
  return readableStreamCancel(reader.stream, reason);
}

/** The checks of ReadableStreamBYOBReader's read(view, options); returns the minimum, in elements. */
function checkReadInto(view, options) {
  const prefix = "Failed to execute 'read' on 'ReadableStreamBYOBReader'";
  converters.ArrayBufferView(view, prefix, 'Argument 1');
  let minimum = toDictionary(options, `${prefix}: the options`)?.min;
  if (minimum === undefined) minimum = 1;
  else minimum = converters['unsigned long long'](minimum, prefix, "'min'", ENFORCE_RANGE);
  const byteLength = viewByteLength(view);
  const buffer = viewBuffer(view);
  if (byteLength === 0) throw new TypeError(`${prefix}: the view has no bytes`);
  if (ArrayBufferPrototypeGetByteLength(buffer) === 0) throw new TypeError(`${prefix}: the view's buffer has no bytes`);
  if (ArrayBufferPrototypeGetDetached(buffer)) throw new TypeError(`${prefix}: the view's buffer is detached`);
  if (minimum === 0) throw new TypeError(`${prefix}: 'min' must be greater than 0`);
  const length = TypedArrayPrototypeGetSymbolToStringTag(view) === undefined ? byteLength : TypedArrayPrototypeGetLength(view);
  if (minimum > length) throw new RangeError(`${prefix}: 'min' is larger than the view`);
  return minimum;
}

const ENFORCE_RANGE = { __proto__: null, enforceRange: true };

function releasedError(action) {
  return new TypeError(`Cannot ${action} a stream through a reader whose lock was released`);
}

const waitError = () => releasedError('wait for');

function illegalInvocation() {
  return PromiseReject(new TypeError('Illegal invocation'));
}

inheritNothing(ReaderSlots, PromiseReadRequest);
