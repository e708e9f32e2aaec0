// @ts-check
/** Streams Standard §5.4 "The WritableStreamDefaultController class", §5.5.4. */
import { PromiseReject, inheritNothing } from '../primordials.js';
import { createAbortSignal, signalAbort } from '../abort.js';
import { configureInterface, illegalConstructor, privateToken } from '../webidl.js';
import { promiseResolvedWith, SizedQueue, react } from './support.js';
import {
  writableStreamCloseQueuedOrInFlight, writableStreamDealWithRejection, writableStreamFinishErroring, writableStreamFinishInFlightClose,
  writableStreamFinishInFlightCloseWithError, writableStreamFinishInFlightWrite, writableStreamFinishInFlightWriteWithError, writableStreamMarkCloseRequestInFlight,
  writableStreamMarkFirstWriteRequestInFlight, writableStreamStartErroring, writableStreamUpdateBackpressure,
} from './writable_stream.js';

export class WritableStreamDefaultController {
  #slots;

  constructor(token = undefined, slots = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get signal() {
    return this.#slots.getSignal();
  }

  error(error = undefined) {
    const slots = this.#slots;
    if (slots.stream.state === 'writable') writableStreamDefaultControllerError(slots, error);
  }
}

configureInterface(WritableStreamDefaultController);

const CLOSE_SENTINEL = { __proto__: null };

/** The internal slots (§5.4.2). */
class WritableStreamDefaultControllerSlots {
  stream;
  /** Holds the write, close and abort algorithms; undefined once they will not run any more. */
  sink;
  strategyHWM;
  /** Undefined for the algorithm that returns 1. */
  strategySize;
  queue = new SizedQueue();
  started = false;
  /** The signal is only made when asked for; until then, whether and why it is aborted. */
  signal = undefined;
  /** What a sink of the platform wants to have done at once; the signal is for tenants. */
  onAbort = undefined;
  aborted = false;
  abortReason = undefined;
  onWritten = undefined;
  onFailed = undefined;
  object = undefined;

  constructor(stream, sink, highWaterMark, size) {
    this.stream = stream;
    this.sink = sink;
    this.strategyHWM = highWaterMark;
    this.strategySize = size;
  }

  get platformObject() {
    return (this.object ??= new WritableStreamDefaultController(privateToken, this));
  }

  getSignal() {
    if (this.signal === undefined) {
      this.signal = createAbortSignal();
      if (this.aborted) signalAbort(this.signal, this.abortReason);
    }
    return this.signal;
  }
}

/** SetUpWritableStreamDefaultController. `start(controller)` may throw; what it returns delays the first write. */
export function setUpWritableStreamDefaultController(stream, sink, highWaterMark, size, start) {
  const controller = new WritableStreamDefaultControllerSlots(stream, sink, highWaterMark, size);
  stream.controller = controller;
  writableStreamUpdateBackpressure(stream, writableStreamDefaultControllerGetBackpressure(controller));
  const startResult = start === undefined ? undefined : start(controller);
  react(
    promiseResolvedWith(startResult),
    () => {
      controller.started = true;
      writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
    },
    (error) => {
      controller.started = true;
      writableStreamDealWithRejection(stream, error);
    },
  );
}

export function writableStreamDefaultControllerSignalAbort(controller, reason) {
  controller.onAbort?.();
  if (controller.signal !== undefined) {
    signalAbort(controller.signal, reason);
  } else if (!controller.aborted) {
    controller.aborted = true;
    controller.abortReason = reason;
  }
}

/** [[AbortSteps]]. */
export function writableStreamDefaultControllerAbortSteps(controller, reason) {
  const outcome = perform(() => controller.sink.abort(reason));
  writableStreamDefaultControllerClearAlgorithms(controller);
  return outcome;
}

export function writableStreamDefaultControllerClose(controller) {
  controller.queue.enqueueValueWithSize(CLOSE_SENTINEL, 0);
  writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
}

export function writableStreamDefaultControllerErrorIfNeeded(controller, error) {
  if (controller.stream.state === 'writable') writableStreamDefaultControllerError(controller, error);
}

/** 1 when the size algorithm throws, after erroring the stream. */
export function writableStreamDefaultControllerGetChunkSize(controller, chunk) {
  const { strategySize } = controller;
  if (strategySize === undefined) return 1;
  try {
    return strategySize(chunk);
  } catch (error) {
    writableStreamDefaultControllerErrorIfNeeded(controller, error);
    return 1;
  }
}

export function writableStreamDefaultControllerGetDesiredSize(controller) {
  return controller.strategyHWM - controller.queue.totalSize;
}

export function writableStreamDefaultControllerWrite(controller, chunk, chunkSize) {
  try {
    controller.queue.enqueueValueWithSize(chunk, chunkSize);
  } catch (error) {
    writableStreamDefaultControllerErrorIfNeeded(controller, error);
    return;
  }
  const { stream } = controller;
  if (!writableStreamCloseQueuedOrInFlight(stream) && stream.state === 'writable') {
    writableStreamUpdateBackpressure(stream, writableStreamDefaultControllerGetBackpressure(controller));
  }
  writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
}

function writableStreamDefaultControllerError(controller, error) {
  writableStreamDefaultControllerClearAlgorithms(controller);
  writableStreamStartErroring(controller.stream, error);
}

function writableStreamDefaultControllerAdvanceQueueIfNeeded(controller) {
  const { stream, queue } = controller;
  if (!controller.started || stream.inFlightWriteRequest !== undefined) return;
  if (stream.state === 'erroring') {
    writableStreamFinishErroring(stream);
    return;
  }
  if (queue.isEmpty) return;
  const value = queue.peekValue();
  if (value === CLOSE_SENTINEL) writableStreamDefaultControllerProcessClose(controller);
  else writableStreamDefaultControllerProcessWrite(controller, value);
}

function writableStreamDefaultControllerProcessClose(controller) {
  const { stream } = controller;
  writableStreamMarkCloseRequestInFlight(stream);
  controller.queue.dequeueValue();
  const outcome = perform(() => controller.sink.close());
  writableStreamDefaultControllerClearAlgorithms(controller);
  react(
    outcome,
    () => writableStreamFinishInFlightClose(stream),
    (reason) => writableStreamFinishInFlightCloseWithError(stream, reason),
  );
}

function writableStreamDefaultControllerProcessWrite(controller, chunk) {
  const { stream } = controller;
  writableStreamMarkFirstWriteRequestInFlight(stream);
  let outcome;
  try {
    outcome = controller.sink.write(chunk, controller);
  } catch (error) {
    outcome = PromiseReject(error);
  }
  // One pair of reactions serves every write of a stream.
  controller.onWritten ??= () => {
    writableStreamFinishInFlightWrite(stream);
    controller.queue.dequeueValue();
    if (!writableStreamCloseQueuedOrInFlight(stream) && stream.state === 'writable') {
      writableStreamUpdateBackpressure(stream, writableStreamDefaultControllerGetBackpressure(controller));
    }
    writableStreamDefaultControllerAdvanceQueueIfNeeded(controller);
  };
  controller.onFailed ??= (reason) => {
    if (stream.state === 'writable') writableStreamDefaultControllerClearAlgorithms(controller);
    writableStreamFinishInFlightWriteWithError(stream, reason);
  };
  react(outcome, controller.onWritten, controller.onFailed);
}

function writableStreamDefaultControllerGetBackpressure(controller) {
  return writableStreamDefaultControllerGetDesiredSize(controller) <= 0;
}

/** Lets go of the underlying sink, which may be garbage from here on. May run more than once. */
function writableStreamDefaultControllerClearAlgorithms(controller) {
  controller.sink = undefined;
  controller.strategySize = undefined;
}

function perform(algorithm) {
  try {
    return algorithm();
  } catch (error) {
    return PromiseReject(error);
  }
}

inheritNothing(WritableStreamDefaultControllerSlots);
