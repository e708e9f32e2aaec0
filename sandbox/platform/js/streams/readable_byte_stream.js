// @ts-check
/**
 * Streams Standard §4.7 "The ReadableByteStreamController class", §4.8 "The ReadableStreamBYOBRequest
 * class" and §4.9.5.
 */
import { lazy } from '../lazy.js';
import { PromiseReject, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import {
  ArrayBuffer, ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, ArrayBufferPrototypeSlice, DataView,
  TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, Uint8Array,
} from '../primordials/buffers.js';
import { MathMin } from '../primordials/math.js';
import { configureInterface, converters, illegalConstructor, privateToken, requiredArguments } from '../webidl.js';
import {
  readableStreamClose, readableStreamError, readableStreamFulfillReadIntoRequest, readableStreamFulfillReadRequest, readableStreamNumReadIntoRequests,
  readableStreamNumReadRequests,
} from './readable_stream.js';
import { List, promiseResolvedWith, react } from './support.js';
import { transferArrayBuffer, viewBuffer, viewByteLength, viewByteOffset } from './views.js';

export class ReadableByteStreamController {
  #slots;

  constructor(token = undefined, slots = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get byobRequest() {
    return readableByteStreamControllerGetBYOBRequest(this.#slots)?.platformObject ?? null;
  }

  get desiredSize() {
    return readableByteStreamControllerGetDesiredSize(this.#slots);
  }

  close() {
    const slots = this.#slots;
    if (slots.closeRequested) throw new TypeError('The stream is already closing');
    if (slots.stream.state !== 'readable') throw new TypeError('The stream is not in a state that permits close');
    readableByteStreamControllerClose(slots);
  }

  enqueue(chunk) {
    const slots = this.#slots;
    const prefix = "Failed to execute 'enqueue' on 'ReadableByteStreamController'";
    requiredArguments(arguments.length, 1, prefix);
    converters.ArrayBufferView(chunk, prefix, 'Argument 1');
    if (viewByteLength(chunk) === 0) throw new TypeError(`${prefix}: the chunk has no bytes`);
    if (slots.closeRequested) throw new TypeError('The stream is closing');
    if (slots.stream.state !== 'readable') throw new TypeError('The stream is not in a state that permits enqueue');
    readableByteStreamControllerEnqueue(slots, chunk);
  }

  error(error = undefined) {
    readableByteStreamControllerError(this.#slots, error);
  }
}

export class ReadableStreamBYOBRequest {
  #slots;

  constructor(token = undefined, slots = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get view() {
    return this.#slots.view;
  }

  respond(bytesWritten) {
    const slots = this.#slots;
    const prefix = "Failed to execute 'respond' on 'ReadableStreamBYOBRequest'";
    requiredArguments(arguments.length, 1, prefix);
    const count = converters['unsigned long long'](bytesWritten, prefix, 'Argument 1', ENFORCE_RANGE);
    if (slots.controller === undefined) throw new TypeError('This BYOB request has been invalidated');
    if (ArrayBufferPrototypeGetDetached(viewBuffer(slots.view))) throw new TypeError("The BYOB request's buffer is detached");
    readableByteStreamControllerRespond(slots.controller, count);
  }

  respondWithNewView(view) {
    const slots = this.#slots;
    const prefix = "Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest'";
    requiredArguments(arguments.length, 1, prefix);
    converters.ArrayBufferView(view, prefix, 'Argument 1');
    if (slots.controller === undefined) throw new TypeError('This BYOB request has been invalidated');
    if (ArrayBufferPrototypeGetDetached(viewBuffer(view))) throw new TypeError("The view's buffer is detached");
    readableByteStreamControllerRespondWithNewView(slots.controller, view);
  }
}

configureInterface(ReadableByteStreamController);
configureInterface(ReadableStreamBYOBRequest);

const ENFORCE_RANGE = { __proto__: null, enforceRange: true };

/** The internal slots (§4.7.2) and methods (§4.7.4). */
export class ReadableByteStreamControllerSlots {
  stream;
  /** Holds the pull and cancel algorithms; undefined once they will not run any more. */
  source;
  strategyHWM;
  autoAllocateChunkSize;
  /** Entries `{ buffer, byteOffset, byteLength }`; the stream owns every buffer. */
  queue = new List();
  queueTotalSize = 0;
  pendingPullIntos = new List();
  byobRequest = null;
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  onPulled = undefined;
  onFailed = undefined;
  object = undefined;

  constructor(stream, source, highWaterMark, autoAllocateChunkSize) {
    this.stream = stream;
    this.source = source;
    this.strategyHWM = highWaterMark;
    this.autoAllocateChunkSize = autoAllocateChunkSize;
  }

  get platformObject() {
    return (this.object ??= new ReadableByteStreamController(privateToken, this));
  }

  cancelSteps(reason) {
    readableByteStreamControllerClearPendingPullIntos(this);
    resetQueue(this);
    const { source } = this;
    readableByteStreamControllerClearAlgorithms(this);
    return source.cancel(reason);
  }

  pullSteps(request) {
    if (this.queueTotalSize > 0) {
      readableByteStreamControllerFillReadRequestFromQueue(this, request);
      return;
    }
    const size = this.autoAllocateChunkSize;
    if (size !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (error) {
        request.errorSteps(error);
        return;
      }
      this.pendingPullIntos.append(new PullIntoDescriptor(buffer, 0, size, 1, 1, Uint8Array, 'default'));
    }
    this.stream.reader.requests.append(request);
    readableByteStreamControllerCallPullIfNeeded(this);
  }

  releaseSteps() {
    if (this.pendingPullIntos.size === 0) return;
    const { first } = this.pendingPullIntos;
    first.readerType = 'none';
    this.pendingPullIntos = new List();
    this.pendingPullIntos.append(first);
  }
}

/** Whether a stream's controller slots are those of a byte stream. */
export function isReadableByteStreamController(controller) {
  return controller instanceof ReadableByteStreamControllerSlots;
}

/** A pull-into descriptor (§4.7.2): a buffer that waits to be filled. Sizes are in bytes. */
class PullIntoDescriptor {
  buffer;
  bufferByteLength;
  byteOffset;
  byteLength;
  bytesFilled = 0;
  minimumFill;
  elementSize;
  viewConstructor;
  /** @type {'default' | 'byob' | 'none'} */
  readerType;

  constructor(buffer, byteOffset, byteLength, minimumFill, elementSize, viewConstructor, readerType) {
    this.buffer = buffer;
    this.bufferByteLength = ArrayBufferPrototypeGetByteLength(buffer);
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.minimumFill = minimumFill;
    this.elementSize = elementSize;
    this.viewConstructor = viewConstructor;
    this.readerType = readerType;
  }
}

class BYOBRequestSlots {
  controller;
  view;
  object = undefined;

  constructor(controller, view) {
    this.controller = controller;
    this.view = view;
  }

  get platformObject() {
    return (this.object ??= new ReadableStreamBYOBRequest(privateToken, this));
  }
}

/** SetUpReadableByteStreamController. `start(controller)` may throw; what it returns delays the first pull. */
export function setUpReadableByteStreamController(stream, source, highWaterMark, autoAllocateChunkSize, start = undefined) {
  const controller = new ReadableByteStreamControllerSlots(stream, source, highWaterMark, autoAllocateChunkSize);
  stream.controller = controller;
  const startResult = start === undefined ? undefined : start(controller);
  react(
    promiseResolvedWith(startResult),
    () => {
      controller.started = true;
      readableByteStreamControllerCallPullIfNeeded(controller);
    },
    (error) => readableByteStreamControllerError(controller, error),
  );
}

function readableByteStreamControllerCallPullIfNeeded(controller) {
  if (!readableByteStreamControllerShouldCallPull(controller)) return;
  if (controller.pulling) {
    controller.pullAgain = true;
    return;
  }
  controller.pulling = true;
  let outcome;
  try {
    outcome = controller.source.pull(controller);
  } catch (error) {
    outcome = PromiseReject(error);
  }
  // One pair of reactions serves every pull of a stream.
  controller.onPulled ??= () => {
    controller.pulling = false;
    if (!controller.pullAgain) return;
    controller.pullAgain = false;
    readableByteStreamControllerCallPullIfNeeded(controller);
  };
  controller.onFailed ??= (error) => readableByteStreamControllerError(controller, error);
  react(outcome, controller.onPulled, controller.onFailed);
}

function readableByteStreamControllerShouldCallPull(controller) {
  const { stream } = controller;
  if (stream.state !== 'readable' || controller.closeRequested || !controller.started) return false;
  if (stream.reader !== undefined && stream.reader.requests.size > 0) return true;
  return controller.strategyHWM - controller.queueTotalSize > 0;
}

export function readableByteStreamControllerGetDesiredSize(controller) {
  const { state } = controller.stream;
  if (state === 'errored') return null;
  if (state === 'closed') return 0;
  return controller.strategyHWM - controller.queueTotalSize;
}

/** Throws when a pending read holds part of an element, after erroring the stream. */
export function readableByteStreamControllerClose(controller) {
  const { stream, pendingPullIntos } = controller;
  if (controller.closeRequested || stream.state !== 'readable') return;
  if (controller.queueTotalSize > 0) {
    controller.closeRequested = true;
    return;
  }
  if (pendingPullIntos.size > 0) {
    const { bytesFilled, elementSize } = pendingPullIntos.first;
    if (bytesFilled % elementSize !== 0) {
      const error = new TypeError('The stream was closed in the middle of an element');
      readableByteStreamControllerError(controller, error);
      throw error;
    }
  }
  readableByteStreamControllerClearAlgorithms(controller);
  readableStreamClose(stream);
}

export function readableByteStreamControllerError(controller, error) {
  const { stream } = controller;
  if (stream.state !== 'readable') return;
  readableByteStreamControllerClearPendingPullIntos(controller);
  resetQueue(controller);
  readableByteStreamControllerClearAlgorithms(controller);
  readableStreamError(stream, error);
}

/** Takes the chunk's buffer from whoever holds it. Throws when it is detached or cannot be transferred. */
export function readableByteStreamControllerEnqueue(controller, chunk) {
  const { stream } = controller;
  if (controller.closeRequested || stream.state !== 'readable') return;
  const byteOffset = viewByteOffset(chunk);
  const byteLength = viewByteLength(chunk);
  const buffer = transferArrayBuffer(viewBuffer(chunk));
  readableByteStreamControllerEnqueueOwned(controller, buffer, byteOffset, byteLength);
}

/** The rest of ReadableByteStreamControllerEnqueue, for a buffer that nobody else holds. */
export function readableByteStreamControllerEnqueueOwned(controller, buffer, byteOffset, byteLength) {
  const { stream, pendingPullIntos } = controller;
  if (controller.closeRequested || stream.state !== 'readable') return;
  if (pendingPullIntos.size > 0) {
    const { first } = pendingPullIntos;
    if (ArrayBufferPrototypeGetDetached(first.buffer)) throw new TypeError("The BYOB request's buffer is detached");
    readableByteStreamControllerInvalidateBYOBRequest(controller);
    first.buffer = transferArrayBuffer(first.buffer);
    if (first.readerType === 'none') readableByteStreamControllerEnqueueDetachedPullIntoToQueue(controller, first);
  }
  if (stream.reader === undefined) {
    readableByteStreamControllerEnqueueChunkToQueue(controller, buffer, byteOffset, byteLength);
  } else if (stream.reader.isBYOB) {
    readableByteStreamControllerEnqueueChunkToQueue(controller, buffer, byteOffset, byteLength);
    commitAll(stream, readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller));
  } else {
    readableByteStreamControllerProcessReadRequestsUsingQueue(controller);
    if (readableStreamNumReadRequests(stream) === 0) {
      readableByteStreamControllerEnqueueChunkToQueue(controller, buffer, byteOffset, byteLength);
    } else {
      if (controller.pendingPullIntos.size > 0) controller.pendingPullIntos.shift();
      readableStreamFulfillReadRequest(stream, new Uint8Array(buffer, byteOffset, byteLength), false);
    }
  }
  readableByteStreamControllerCallPullIfNeeded(controller);
}

function readableByteStreamControllerEnqueueChunkToQueue(controller, buffer, byteOffset, byteLength) {
  controller.queue.append({ buffer, byteOffset, byteLength });
  controller.queueTotalSize += byteLength;
}

function readableByteStreamControllerEnqueueClonedChunkToQueue(controller, buffer, byteOffset, byteLength) {
  let clone;
  try {
    clone = ArrayBufferPrototypeSlice(buffer, byteOffset, byteOffset + byteLength);
  } catch (error) {
    readableByteStreamControllerError(controller, error);
    throw error;
  }
  readableByteStreamControllerEnqueueChunkToQueue(controller, clone, 0, byteLength);
}

function readableByteStreamControllerEnqueueDetachedPullIntoToQueue(controller, descriptor) {
  const { buffer, byteOffset, bytesFilled } = descriptor;
  if (bytesFilled > 0) readableByteStreamControllerEnqueueClonedChunkToQueue(controller, buffer, byteOffset, bytesFilled);
  controller.pendingPullIntos.shift();
}

function readableByteStreamControllerFillReadRequestFromQueue(controller, request) {
  const { buffer, byteOffset, byteLength } = controller.queue.shift();
  controller.queueTotalSize -= byteLength;
  readableByteStreamControllerHandleQueueDrain(controller);
  request.chunkSteps(new Uint8Array(buffer, byteOffset, byteLength));
}

function readableByteStreamControllerHandleQueueDrain(controller) {
  if (controller.queueTotalSize === 0 && controller.closeRequested) {
    readableByteStreamControllerClearAlgorithms(controller);
    readableStreamClose(controller.stream);
  } else {
    readableByteStreamControllerCallPullIfNeeded(controller);
  }
}

/** Copies what the queue has; returns whether the descriptor now holds at least its minimum. */
function readableByteStreamControllerFillPullIntoDescriptorFromQueue(controller, descriptor) {
  const { queue } = controller;
  const { elementSize, minimumFill } = descriptor;
  const maxBytesToCopy = MathMin(controller.queueTotalSize, descriptor.byteLength - descriptor.bytesFilled);
  const maxBytesFilled = descriptor.bytesFilled + maxBytesToCopy;
  const maxAlignedBytes = maxBytesFilled - (maxBytesFilled % elementSize);
  const ready = maxAlignedBytes >= minimumFill;
  let remaining = ready ? maxAlignedBytes - descriptor.bytesFilled : maxBytesToCopy;
  while (remaining > 0) {
    const head = queue.first;
    const count = MathMin(remaining, head.byteLength);
    const target = new Uint8Array(descriptor.buffer, descriptor.byteOffset + descriptor.bytesFilled, count);
    TypedArrayPrototypeSet(target, new Uint8Array(head.buffer, head.byteOffset, count));
    if (head.byteLength === count) {
      queue.shift();
    } else {
      head.byteOffset += count;
      head.byteLength -= count;
    }
    controller.queueTotalSize -= count;
    descriptor.bytesFilled += count;
    remaining -= count;
  }
  return ready;
}

/** The descriptors that the queue could fill, removed from the pending ones. */
function readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller) {
  const filled = new List();
  while (controller.pendingPullIntos.size > 0 && controller.queueTotalSize > 0) {
    const { first } = controller.pendingPullIntos;
    if (readableByteStreamControllerFillPullIntoDescriptorFromQueue(controller, first)) {
      controller.pendingPullIntos.shift();
      filled.append(first);
    }
  }
  return filled;
}

function readableByteStreamControllerProcessReadRequestsUsingQueue(controller) {
  const { reader } = controller.stream;
  while (reader.requests.size > 0 && controller.queueTotalSize > 0) {
    readableByteStreamControllerFillReadRequestFromQueue(controller, reader.requests.shift());
  }
}

function commitAll(stream, filled) {
  while (filled.size > 0) readableByteStreamControllerCommitPullIntoDescriptor(stream, filled.shift());
}

function readableByteStreamControllerCommitPullIntoDescriptor(stream, descriptor) {
  const done = stream.state === 'closed';
  const view = readableByteStreamControllerConvertPullIntoDescriptor(descriptor);
  // A default reader's request has no use for the empty view of a closed stream.
  if (descriptor.readerType === 'default') readableStreamFulfillReadRequest(stream, done ? undefined : view, done);
  else readableStreamFulfillReadIntoRequest(stream, view, done);
}

function readableByteStreamControllerConvertPullIntoDescriptor(descriptor) {
  const { byteOffset, bytesFilled, elementSize, viewConstructor } = descriptor;
  return new viewConstructor(transferArrayBuffer(descriptor.buffer), byteOffset, bytesFilled / elementSize);
}

/** The slots of the BYOB request for the first pending read, or null. */
export function readableByteStreamControllerGetBYOBRequest(controller) {
  if (controller.byobRequest === null && controller.pendingPullIntos.size > 0) {
    const { buffer, byteOffset, byteLength, bytesFilled } = controller.pendingPullIntos.first;
    controller.byobRequest = new BYOBRequestSlots(controller, new Uint8Array(buffer, byteOffset + bytesFilled, byteLength - bytesFilled));
  }
  return controller.byobRequest;
}

function readableByteStreamControllerInvalidateBYOBRequest(controller) {
  if (controller.byobRequest === null) return;
  controller.byobRequest.controller = undefined;
  controller.byobRequest.view = null;
  controller.byobRequest = null;
}

/** `view` is a view as a tenant gave it; `minimum` counts elements. */
export function readableByteStreamControllerPullInto(controller, view, minimum, request) {
  const { stream } = controller;
  const elementName = TypedArrayPrototypeGetSymbolToStringTag(view);
  const byteOffset = viewByteOffset(view);
  const byteLength = viewByteLength(view);
  const elementSize = elementName === undefined ? 1 : byteLength / TypedArrayPrototypeGetLength(view);
  const viewConstructor = elementName === undefined ? DataView : lazy('./primordials/typed_arrays.js').typedArrayConstructor(elementName);
  let buffer;
  try {
    buffer = transferArrayBuffer(viewBuffer(view));
  } catch (error) {
    request.errorSteps(error);
    return;
  }
  const descriptor = new PullIntoDescriptor(buffer, byteOffset, byteLength, minimum * elementSize, elementSize, viewConstructor, 'byob');
  if (controller.pendingPullIntos.size > 0) {
    controller.pendingPullIntos.append(descriptor);
    stream.reader.requests.append(request);
    return;
  }
  if (stream.state === 'closed') {
    request.closeSteps(new viewConstructor(buffer, byteOffset, 0));
    return;
  }
  if (controller.queueTotalSize > 0) {
    if (readableByteStreamControllerFillPullIntoDescriptorFromQueue(controller, descriptor)) {
      const filledView = readableByteStreamControllerConvertPullIntoDescriptor(descriptor);
      readableByteStreamControllerHandleQueueDrain(controller);
      request.chunkSteps(filledView);
      return;
    }
    if (controller.closeRequested) {
      const error = new TypeError('The stream closes before the requested number of bytes');
      readableByteStreamControllerError(controller, error);
      request.errorSteps(error);
      return;
    }
  }
  controller.pendingPullIntos.append(descriptor);
  stream.reader.requests.append(request);
  readableByteStreamControllerCallPullIfNeeded(controller);
}

export function readableByteStreamControllerRespond(controller, bytesWritten) {
  const { first } = controller.pendingPullIntos;
  if (controller.stream.state === 'closed') {
    if (bytesWritten !== 0) throw new TypeError('A closed stream takes no bytes: bytesWritten must be 0');
  } else {
    if (bytesWritten === 0) throw new TypeError('bytesWritten must be greater than 0 while the stream is readable');
    if (first.bytesFilled + bytesWritten > first.byteLength) throw new RangeError('bytesWritten is larger than the view');
  }
  first.buffer = transferArrayBuffer(first.buffer);
  readableByteStreamControllerRespondInternal(controller, bytesWritten);
}

export function readableByteStreamControllerRespondWithNewView(controller, view) {
  const { first } = controller.pendingPullIntos;
  const byteLength = viewByteLength(view);
  const buffer = viewBuffer(view);
  if (controller.stream.state === 'closed') {
    if (byteLength !== 0) throw new TypeError('A closed stream takes no bytes: the view must be empty');
  } else if (byteLength === 0) {
    throw new TypeError('The view must not be empty while the stream is readable');
  }
  if (first.byteOffset + first.bytesFilled !== viewByteOffset(view)) throw new RangeError("The view's offset differs from the request's");
  if (first.bufferByteLength !== ArrayBufferPrototypeGetByteLength(buffer)) throw new RangeError("The view's buffer differs in length from the request's");
  if (first.bytesFilled + byteLength > first.byteLength) throw new RangeError("The view is larger than the request's");
  first.buffer = transferArrayBuffer(buffer);
  readableByteStreamControllerRespondInternal(controller, byteLength);
}

function readableByteStreamControllerRespondInternal(controller, bytesWritten) {
  const { first } = controller.pendingPullIntos;
  readableByteStreamControllerInvalidateBYOBRequest(controller);
  if (controller.stream.state === 'closed') readableByteStreamControllerRespondInClosedState(controller, first);
  else readableByteStreamControllerRespondInReadableState(controller, bytesWritten, first);
  readableByteStreamControllerCallPullIfNeeded(controller);
}

function readableByteStreamControllerRespondInClosedState(controller, first) {
  if (first.readerType === 'none') controller.pendingPullIntos.shift();
  const { stream } = controller;
  const filled = new List();
  while (filled.size < readableStreamNumReadIntoRequests(stream)) filled.append(controller.pendingPullIntos.shift());
  commitAll(stream, filled);
}

function readableByteStreamControllerRespondInReadableState(controller, bytesWritten, descriptor) {
  descriptor.bytesFilled += bytesWritten;
  if (descriptor.readerType === 'none') {
    readableByteStreamControllerEnqueueDetachedPullIntoToQueue(controller, descriptor);
    commitAll(controller.stream, readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller));
    return;
  }
  if (descriptor.bytesFilled < descriptor.minimumFill) return;
  controller.pendingPullIntos.shift();
  const remainder = descriptor.bytesFilled % descriptor.elementSize;
  if (remainder > 0) {
    const end = descriptor.byteOffset + descriptor.bytesFilled;
    readableByteStreamControllerEnqueueClonedChunkToQueue(controller, descriptor.buffer, end - remainder, remainder);
  }
  descriptor.bytesFilled -= remainder;
  const filled = readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller);
  readableByteStreamControllerCommitPullIntoDescriptor(controller.stream, descriptor);
  commitAll(controller.stream, filled);
}

function readableByteStreamControllerClearPendingPullIntos(controller) {
  readableByteStreamControllerInvalidateBYOBRequest(controller);
  controller.pendingPullIntos = new List();
}

/** Lets go of the underlying source, which may be garbage from here on. */
function readableByteStreamControllerClearAlgorithms(controller) {
  controller.source = undefined;
}

function resetQueue(controller) {
  controller.queue = new List();
  controller.queueTotalSize = 0;
}

inheritNothing(ReadableByteStreamControllerSlots, PullIntoDescriptor, BYOBRequestSlots);
