// @ts-check
/** Streams Standard §5.2 "The WritableStream class", §5.5.1 and §5.5.2. As in readable_stream.js, algorithms work on slots. */
import { PromiseReject, PromiseResolve, PromiseWithResolvers, ReflectApply, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { captureStores } from '../context_stores.js';
import { lazy } from '../lazy.js';
import { registerTransferable } from '../serializable.js';
import { configureInterface, converters, privateToken } from '../webidl.js';
import { extractHighWaterMark, extractSizeAlgorithm, toQueuingStrategy } from './queuing_strategies.js';
import { callbackMember, callbackOutcome, List, PromiseSlot, react } from './support.js';
import {
  setUpWritableStreamDefaultController, writableStreamDefaultControllerAbortSteps, writableStreamDefaultControllerClose, writableStreamDefaultControllerSignalAbort,
} from './writable_controller.js';
import { acquireWritableStreamDefaultWriter, writableStreamDefaultWriterEnsureReadyPromiseRejected } from './writable_writer.js';

/** Whether `value` is a WritableStream. @type {(value: any) => boolean} */
export let isWritableStream;

/** The slots of a WritableStream. @type {(stream: WritableStream) => WritableStreamSlots} */
export let writableStreamSlots;

export class WritableStream {
  #slots;

  static {
    isWritableStream = (value) => typeof value === 'object' && value !== null && #slots in value;
    writableStreamSlots = (stream) => stream.#slots;
  }

  constructor(underlyingSink = undefined, strategy = undefined) {
    if (underlyingSink === privateToken) {
      this.#slots = strategy;
      strategy.object = this;
      return;
    }
    const prefix = "Failed to construct 'WritableStream'";
    if (underlyingSink !== undefined) converters.object(underlyingSink, prefix, 'Argument 1');
    const queuing = toQueuingStrategy(strategy, prefix);
    const sink = toUnderlyingSink(underlyingSink, prefix);
    const slots = new WritableStreamSlots();
    slots.object = this;
    this.#slots = slots;
    const size = extractSizeAlgorithm(queuing);
    setUpWritableStreamDefaultController(slots, sink, extractHighWaterMark(queuing, 1), size, sink.start);
  }

  get locked() {
    return this.#slots.writer !== undefined;
  }

  abort(reason = undefined) {
    if (!isWritableStream(this)) return PromiseReject(new TypeError('Illegal invocation'));
    if (this.#slots.writer !== undefined) return PromiseReject(new TypeError('Cannot abort a stream that is locked to a writer'));
    return writableStreamAbort(this.#slots, reason);
  }

  close() {
    if (!isWritableStream(this)) return PromiseReject(new TypeError('Illegal invocation'));
    const slots = this.#slots;
    if (slots.writer !== undefined) return PromiseReject(new TypeError('Cannot close a stream that is locked to a writer'));
    if (writableStreamCloseQueuedOrInFlight(slots)) return PromiseReject(new TypeError('The stream is already closing'));
    return writableStreamClose(slots);
  }

  getWriter() {
    return acquireWritableStreamDefaultWriter(this.#slots).platformObject;
  }
}

configureInterface(WritableStream);

registerTransferable(
  isWritableStream,
  (stream) => lazy('./streams/transferable.js').wasTransferred(stream),
  (stream) => lazy('./streams/transferable.js').transferWritableStream(stream),
);

/** The internal slots (§5.2.2). Requests are promise slots, or capabilities where the promise is always handed out. */
class WritableStreamSlots {
  /** @type {'writable' | 'erroring' | 'errored' | 'closed'} */
  state = 'writable';
  storedError = undefined;
  writer = undefined;
  controller = undefined;
  backpressure = false;
  writeRequests = new List();
  inFlightWriteRequest = undefined;
  closeRequest = undefined;
  inFlightCloseRequest = undefined;
  /** `{ capability, reason, wasAlreadyErroring }`. */
  pendingAbortRequest = undefined;
  object = undefined;

  get platformObject() {
    return this.object ?? new WritableStream(privateToken, this);
  }
}

/**
 * CreateWritableStream.
 * @param {{ write(chunk, controller), close(), abort(reason) }} sink each returns a promise or undefined
 * @returns {WritableStreamSlots}
 */
export function createWritableStreamSlots(sink, highWaterMark = 1, size = undefined, start = undefined) {
  const stream = new WritableStreamSlots();
  setUpWritableStreamDefaultController(stream, sink, highWaterMark, size, start);
  return stream;
}

export function writableStreamAbort(stream, reason) {
  if (stream.state === 'closed' || stream.state === 'errored') return PromiseResolve(undefined);
  writableStreamDefaultControllerSignalAbort(stream.controller, reason);
  // The signal's listeners may have changed the state.
  const { state } = stream;
  if (state === 'closed' || state === 'errored') return PromiseResolve(undefined);
  if (stream.pendingAbortRequest !== undefined) return stream.pendingAbortRequest.capability.promise;
  const wasAlreadyErroring = state === 'erroring';
  const capability = PromiseWithResolvers();
  stream.pendingAbortRequest = { capability, reason: wasAlreadyErroring ? undefined : reason, wasAlreadyErroring };
  if (!wasAlreadyErroring) writableStreamStartErroring(stream, reason);
  return capability.promise;
}

export function writableStreamClose(stream) {
  const { state, writer } = stream;
  if (state === 'closed' || state === 'errored') return PromiseReject(new TypeError(`The stream is ${state}`));
  stream.closeRequest = PromiseWithResolvers();
  const { promise } = stream.closeRequest;
  if (writer !== undefined && stream.backpressure && state === 'writable') writer.ready.resolve();
  writableStreamDefaultControllerClose(stream.controller);
  return promise;
}

/** @returns {PromiseSlot} of the write */
export function writableStreamAddWriteRequest(stream) {
  const request = new PromiseSlot();
  stream.writeRequests.append(request);
  return request;
}

export function writableStreamCloseQueuedOrInFlight(stream) {
  return stream.closeRequest !== undefined || stream.inFlightCloseRequest !== undefined;
}

export function writableStreamDealWithRejection(stream, error) {
  if (stream.state === 'writable') writableStreamStartErroring(stream, error);
  else writableStreamFinishErroring(stream);
}

export function writableStreamStartErroring(stream, reason) {
  const { controller, writer } = stream;
  stream.state = 'erroring';
  stream.storedError = reason;
  if (writer !== undefined) writableStreamDefaultWriterEnsureReadyPromiseRejected(writer, reason);
  if (!writableStreamHasOperationMarkedInFlight(stream) && controller.started) writableStreamFinishErroring(stream);
}

export function writableStreamFinishErroring(stream) {
  stream.state = 'errored';
  stream.controller.queue.reset();
  const { storedError, writeRequests, pendingAbortRequest: abortRequest } = stream;
  stream.writeRequests = new List();
  while (writeRequests.size > 0) writeRequests.shift().reject(storedError);
  if (abortRequest === undefined) {
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    return;
  }
  stream.pendingAbortRequest = undefined;
  if (abortRequest.wasAlreadyErroring) {
    abortRequest.capability.reject(storedError);
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    return;
  }
  react(
    writableStreamDefaultControllerAbortSteps(stream.controller, abortRequest.reason),
    () => {
      abortRequest.capability.resolve(undefined);
      writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    },
    (reason) => {
      abortRequest.capability.reject(reason);
      writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    },
  );
}

export function writableStreamFinishInFlightClose(stream) {
  stream.inFlightCloseRequest.resolve(undefined);
  stream.inFlightCloseRequest = undefined;
  if (stream.state === 'erroring') {
    stream.storedError = undefined;
    if (stream.pendingAbortRequest !== undefined) {
      stream.pendingAbortRequest.capability.resolve(undefined);
      stream.pendingAbortRequest = undefined;
    }
  }
  stream.state = 'closed';
  if (stream.writer !== undefined) stream.writer.closed.resolve();
}

export function writableStreamFinishInFlightCloseWithError(stream, error) {
  stream.inFlightCloseRequest.reject(error);
  stream.inFlightCloseRequest = undefined;
  if (stream.pendingAbortRequest !== undefined) {
    stream.pendingAbortRequest.capability.reject(error);
    stream.pendingAbortRequest = undefined;
  }
  writableStreamDealWithRejection(stream, error);
}

export function writableStreamFinishInFlightWrite(stream) {
  stream.inFlightWriteRequest.resolve();
  stream.inFlightWriteRequest = undefined;
}

export function writableStreamFinishInFlightWriteWithError(stream, error) {
  stream.inFlightWriteRequest.reject(error);
  stream.inFlightWriteRequest = undefined;
  writableStreamDealWithRejection(stream, error);
}

function writableStreamHasOperationMarkedInFlight(stream) {
  return stream.inFlightWriteRequest !== undefined || stream.inFlightCloseRequest !== undefined;
}

export function writableStreamMarkCloseRequestInFlight(stream) {
  stream.inFlightCloseRequest = stream.closeRequest;
  stream.closeRequest = undefined;
}

export function writableStreamMarkFirstWriteRequestInFlight(stream) {
  stream.inFlightWriteRequest = stream.writeRequests.shift();
}

function writableStreamRejectCloseAndClosedPromiseIfNeeded(stream) {
  const { storedError, writer } = stream;
  if (stream.closeRequest !== undefined) {
    stream.closeRequest.reject(storedError);
    stream.closeRequest = undefined;
  }
  if (writer !== undefined) writer.closed.rejectHandled(storedError);
}

export function writableStreamUpdateBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer !== undefined && backpressure !== stream.backpressure) {
    if (backpressure) writer.ready = new PromiseSlot();
    else writer.ready.resolve();
  }
  stream.backpressure = backpressure;
}

/** An underlying sink (§5.2.3) given by a tenant: its members, called with it as `this`. */
class UnderlyingSink {
  constructor(object, start, write, close, abort) {
    this.object = object;
    this.call = captureStores() ?? ReflectApply;
    this.start = start === undefined ? undefined : (controller) => ReflectApply(start, object, [controller.platformObject]);
    this.writeCallback = write;
    this.closeCallback = close;
    this.abortCallback = abort;
  }

  write(chunk, controller) {
    if (this.writeCallback === undefined) return undefined;
    return callbackOutcome(this.call(this.writeCallback, this.object, [chunk, controller.platformObject]));
  }

  close() {
    return this.closeCallback === undefined ? undefined : callbackOutcome(this.call(this.closeCallback, this.object, []));
  }

  abort(reason) {
    return this.abortCallback === undefined ? undefined : callbackOutcome(this.call(this.abortCallback, this.object, [reason]));
  }
}

function toUnderlyingSink(object, prefix) {
  if (object === undefined) return new UnderlyingSink(undefined, undefined, undefined, undefined, undefined);
  const abort = callbackMember(object, 'abort', prefix);
  const close = callbackMember(object, 'close', prefix);
  const start = callbackMember(object, 'start', prefix);
  const { type } = object;
  const write = callbackMember(object, 'write', prefix);
  if (type !== undefined) throw new RangeError(`${prefix}: member 'type' must not be set`);
  return new UnderlyingSink(object, start, write, close, abort);
}

inheritNothing(WritableStreamSlots, UnderlyingSink);
