// @ts-check
/** Streams Standard §4.6 "The ReadableStreamDefaultController class", §4.9.4. */
import { PromiseReject, TypeError, inheritNothing } from '../primordials.js';
import { configureInterface, illegalConstructor, privateToken } from '../webidl.js';
import { readableStreamClose, readableStreamError, readableStreamFulfillReadRequest, readableStreamNumReadRequests } from './readable_stream.js';
import { promiseResolvedWith, SizedQueue, react } from './support.js';

export class ReadableStreamDefaultController {
  #slots;

  constructor(token = undefined, slots = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get desiredSize() {
    return readableStreamDefaultControllerGetDesiredSize(this.#slots);
  }

  close() {
    const slots = this.#slots;
    if (!readableStreamDefaultControllerCanCloseOrEnqueue(slots)) throw new TypeError('The stream is not in a state that permits close');
    readableStreamDefaultControllerClose(slots);
  }

  enqueue(chunk = undefined) {
    const slots = this.#slots;
    if (!readableStreamDefaultControllerCanCloseOrEnqueue(slots)) throw new TypeError('The stream is not in a state that permits enqueue');
    readableStreamDefaultControllerEnqueue(slots, chunk);
  }

  error(error = undefined) {
    readableStreamDefaultControllerError(this.#slots, error);
  }
}

configureInterface(ReadableStreamDefaultController);

/** The internal slots (§4.6.2) and methods (§4.6.4). */
class ReadableStreamDefaultControllerSlots {
  stream;
  /** Holds the pull and cancel algorithms; undefined once they will not run any more. */
  source;
  strategyHWM;
  /** Undefined for the algorithm that returns 1. */
  strategySize;
  queue = new SizedQueue();
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  onPulled = undefined;
  onFailed = undefined;
  object = undefined;

  constructor(stream, source, highWaterMark, size) {
    this.stream = stream;
    this.source = source;
    this.strategyHWM = highWaterMark;
    this.strategySize = size;
  }

  get platformObject() {
    return (this.object ??= new ReadableStreamDefaultController(privateToken, this));
  }

  cancelSteps(reason) {
    this.queue.reset();
    const { source } = this;
    readableStreamDefaultControllerClearAlgorithms(this);
    return source.cancel(reason);
  }

  pullSteps(request) {
    const { queue, stream } = this;
    if (queue.isEmpty) {
      stream.reader.requests.append(request);
      readableStreamDefaultControllerCallPullIfNeeded(this);
      return;
    }
    const chunk = queue.dequeueValue();
    if (this.closeRequested && queue.isEmpty) {
      readableStreamDefaultControllerClearAlgorithms(this);
      readableStreamClose(stream);
    } else {
      readableStreamDefaultControllerCallPullIfNeeded(this);
    }
    request.chunkSteps(chunk);
  }

  releaseSteps() {}
}

/** SetUpReadableStreamDefaultController. `start(controller)` may throw; what it returns delays the first pull. */
export function setUpReadableStreamDefaultController(stream, source, highWaterMark, size, start = undefined) {
  const controller = new ReadableStreamDefaultControllerSlots(stream, source, highWaterMark, size);
  stream.controller = controller;
  const startResult = start === undefined ? undefined : start(controller);
  react(
    promiseResolvedWith(startResult),
    () => {
      controller.started = true;
      readableStreamDefaultControllerCallPullIfNeeded(controller);
    },
    (error) => readableStreamDefaultControllerError(controller, error),
  );
}

export function readableStreamDefaultControllerCallPullIfNeeded(controller) {
  if (!readableStreamDefaultControllerShouldCallPull(controller)) return;
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
    readableStreamDefaultControllerCallPullIfNeeded(controller);
  };
  controller.onFailed ??= (error) => readableStreamDefaultControllerError(controller, error);
  react(outcome, controller.onPulled, controller.onFailed);
}

function readableStreamDefaultControllerShouldCallPull(controller) {
  if (!readableStreamDefaultControllerCanCloseOrEnqueue(controller) || !controller.started) return false;
  if (readableStreamNumReadRequests(controller.stream) > 0) return true;
  return readableStreamDefaultControllerGetDesiredSize(controller) > 0;
}

export function readableStreamDefaultControllerHasBackpressure(controller) {
  return !readableStreamDefaultControllerShouldCallPull(controller);
}

export function readableStreamDefaultControllerCanCloseOrEnqueue(controller) {
  return !controller.closeRequested && controller.stream.state === 'readable';
}

export function readableStreamDefaultControllerGetDesiredSize(controller) {
  const { state } = controller.stream;
  if (state === 'errored') return null;
  if (state === 'closed') return 0;
  return controller.strategyHWM - controller.queue.totalSize;
}

export function readableStreamDefaultControllerClose(controller) {
  if (!readableStreamDefaultControllerCanCloseOrEnqueue(controller)) return;
  controller.closeRequested = true;
  if (!controller.queue.isEmpty) return;
  readableStreamDefaultControllerClearAlgorithms(controller);
  readableStreamClose(controller.stream);
}

/** Throws what the size algorithm throws, after erroring the stream with it. */
export function readableStreamDefaultControllerEnqueue(controller, chunk) {
  if (!readableStreamDefaultControllerCanCloseOrEnqueue(controller)) return;
  if (readableStreamNumReadRequests(controller.stream) > 0) {
    readableStreamFulfillReadRequest(controller.stream, chunk, false);
  } else {
    try {
      const { strategySize } = controller;
      controller.queue.enqueueValueWithSize(chunk, strategySize === undefined ? 1 : strategySize(chunk));
    } catch (error) {
      readableStreamDefaultControllerError(controller, error);
      throw error;
    }
  }
  readableStreamDefaultControllerCallPullIfNeeded(controller);
}

export function readableStreamDefaultControllerError(controller, error) {
  const { stream } = controller;
  if (stream.state !== 'readable') return;
  controller.queue.reset();
  readableStreamDefaultControllerClearAlgorithms(controller);
  readableStreamError(stream, error);
}

/** Lets go of the underlying source, which may be garbage from here on. */
function readableStreamDefaultControllerClearAlgorithms(controller) {
  controller.source = undefined;
  controller.strategySize = undefined;
}

inheritNothing(ReadableStreamDefaultControllerSlots);
