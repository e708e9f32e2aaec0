// @ts-check
/** Streams Standard §6 "Transform streams". As in readable_stream.js, algorithms work on slots. */
import { PromiseReject, PromiseResolve, PromiseWithResolvers, ReflectApply, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { captureStores } from '../context_stores.js';
import { lazy } from '../lazy.js';
import { ops, then } from '../ops.js';
import { registerTransferable } from '../serializable.js';
import { configureInterface, converters, illegalConstructor, privateToken } from '../webidl.js';
import { extractHighWaterMark, extractSizeAlgorithm, toQueuingStrategy } from './queuing_strategies.js';
import {
  readableStreamDefaultControllerCanCloseOrEnqueue, readableStreamDefaultControllerClose, readableStreamDefaultControllerEnqueue, readableStreamDefaultControllerError,
  readableStreamDefaultControllerGetDesiredSize, readableStreamDefaultControllerHasBackpressure, setUpReadableStreamDefaultController,
} from './readable_default_controller.js';
import { ReadableStreamSlots } from './readable_stream.js';
import { callbackMember, callbackOutcome, ignore, promiseResolvedWith, PromiseSlot, react, uponSettled } from './support.js';
import { writableStreamDefaultControllerErrorIfNeeded } from './writable_controller.js';
import { createWritableStreamSlots } from './writable_stream.js';

let isTransformStream;
let transformStreamSlots;
/** For what extends TransformStream: `super` is whatever a tenant has put there, so it is given nothing. */
export let setTransformStreamSlots;

export class TransformStream {
  #slots;

  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    if (transformer === privateToken) {
      this.#slots = writableStrategy;
      return;
    }
    const prefix = "Failed to construct 'TransformStream'";
    if (transformer !== undefined) converters.object(transformer, prefix, 'Argument 1');
    const writableQueuing = toQueuingStrategy(writableStrategy, prefix);
    const readableQueuing = toQueuingStrategy(readableStrategy, prefix);
    const { algorithms, start } = toTransformer(transformer, prefix);
    const readableHighWaterMark = extractHighWaterMark(readableQueuing, 0);
    const readableSize = extractSizeAlgorithm(readableQueuing);
    const writableHighWaterMark = extractHighWaterMark(writableQueuing, 1);
    const writableSize = extractSizeAlgorithm(writableQueuing);
    const started = PromiseWithResolvers();
    const slots = new TransformStreamSlots(algorithms, started.promise, writableHighWaterMark, writableSize, readableHighWaterMark, readableSize);
    this.#slots = slots;
    started.resolve(start === undefined ? undefined : ReflectApply(start, transformer, [slots.controller.platformObject]));
  }

  get readable() {
    return this.#slots.readable.platformObject;
  }

  get writable() {
    return this.#slots.writable.platformObject;
  }

  static {
    isTransformStream = (value) => typeof value === 'object' && value !== null && #slots in value;
    transformStreamSlots = (stream) => stream.#slots;
    setTransformStreamSlots = (stream, slots) => {
      stream.#slots = slots;
    };
  }
}

export class TransformStreamDefaultController {
  #slots;

  constructor(token = undefined, slots = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get desiredSize() {
    return readableStreamDefaultControllerGetDesiredSize(this.#slots.stream.readable.controller);
  }

  enqueue(chunk = undefined) {
    transformStreamDefaultControllerEnqueue(this.#slots, chunk);
  }

  error(reason = undefined) {
    transformStreamError(this.#slots.stream, reason);
  }

  terminate() {
    transformStreamDefaultControllerTerminate(this.#slots);
  }
}

configureInterface(TransformStream);
configureInterface(TransformStreamDefaultController);

registerTransferable(
  isTransformStream,
  (stream) => lazy('./streams/transferable.js').wasTransferred(stream),
  (stream) => lazy('./streams/transferable.js').transferTransformStream(stream, transformStreamSlots(stream)),
);

/** A TransformStream whose ends are these slots. */
export function createTransformStreamOf(readable, writable) {
  return new TransformStream(privateToken, { __proto__: null, readable, writable });
}

/**
 * "Set up" a transform stream of the platform's own (§9.3.1). The transformer's methods may throw,
 * and return a promise or undefined; `controller` goes to `transformStreamDefaultControllerEnqueue`.
 * @param {{ transform(chunk, controller), flush(controller), cancel(reason) }} transformer
 * @returns {TransformStreamSlots}
 */
export function createTransformStreamSlots(transformer) {
  return new TransformStreamSlots(transformer, PromiseResolve(undefined), 1, undefined, 0, undefined);
}

/** The internal slots (§6.2.2). */
class TransformStreamSlots {
  controller;
  writable;
  readable;
  backpressure = true;
  backpressureChange = new PromiseSlot();

  /** InitializeTransformStream and SetUpTransformStreamDefaultController. */
  constructor(transformer, startPromise, writableHighWaterMark, writableSize, readableHighWaterMark, readableSize) {
    this.controller = new TransformStreamDefaultControllerSlots(this, transformer);
    const start = () => startPromise;
    const ends = new TransformEnds(this);
    this.writable = createWritableStreamSlots(ends, writableHighWaterMark, writableSize, start);
    this.readable = new ReadableStreamSlots();
    setUpReadableStreamDefaultController(this.readable, ends, readableHighWaterMark, readableSize, start);
  }
}

/** The internal slots (§6.3.2). */
class TransformStreamDefaultControllerSlots {
  stream;
  /** Holds the transform, flush and cancel algorithms; undefined once they will not run any more. */
  transformer;
  /** The capability of the promise that flush, cancel and abort share. */
  finish = undefined;
  onTransformFailed = undefined;
  object = undefined;

  constructor(stream, transformer) {
    this.stream = stream;
    this.transformer = transformer;
  }

  get platformObject() {
    return (this.object ??= new TransformStreamDefaultController(privateToken, this));
  }
}

/** The default sink (§6.4.3) and the default source (§6.4.4) of one transform stream. */
class TransformEnds {
  constructor(stream) {
    this.stream = stream;
  }

  /** TransformStreamDefaultSinkWriteAlgorithm. */
  write(chunk) {
    const { stream } = this;
    if (!stream.backpressure) return transformStreamDefaultControllerPerformTransform(stream.controller, chunk);
    const written = new PromiseSlot();
    stream.backpressureChange.react(() => {
      const { state, storedError } = stream.writable;
      if (state === 'erroring') {
        written.reject(storedError);
        return;
      }
      const outcome = transformStreamDefaultControllerPerformTransform(stream.controller, chunk);
      if (outcome === undefined) written.resolve();
      // A promise that is resolved with a promise takes a job to ask for it.
      else ops.queueJob(() => ops.react(outcome, () => written.resolve(), (error) => written.reject(error)));
    }, ignore);
    return written;
  }

  /** TransformStreamDefaultSinkAbortAlgorithm. */
  abort(reason) {
    const { controller, readable } = this.stream;
    return finish(controller, (transformer) => transformer.cancel(reason), readable, (error, rejected) => {
      readableStreamDefaultControllerError(readable.controller, rejected ? error : reason);
    });
  }

  /** TransformStreamDefaultSinkCloseAlgorithm. */
  close() {
    const { controller, readable } = this.stream;
    return finish(controller, (transformer) => transformer.flush(controller), readable, (error, rejected) => {
      if (rejected) readableStreamDefaultControllerError(readable.controller, error);
      else readableStreamDefaultControllerClose(readable.controller);
    });
  }

  /** TransformStreamDefaultSourcePullAlgorithm. */
  pull() {
    transformStreamSetBackpressure(this.stream, false);
    return this.stream.backpressureChange;
  }

  /** TransformStreamDefaultSourceCancelAlgorithm. */
  cancel(reason) {
    const { stream } = this;
    const { controller, writable } = stream;
    return finish(controller, (transformer) => transformer.cancel(reason), writable, (error, rejected) => {
      writableStreamDefaultControllerErrorIfNeeded(writable.controller, rejected ? error : reason);
      transformStreamUnblockWrite(stream);
    });
  }
}

/**
 * What the sink's abort and close and the source's cancel have in common: the first of them runs
 * `algorithm`, and all share its outcome. `settle(error, rejected)` passes it on to `otherSide`,
 * whose own error, if it has one, wins.
 */
function finish(controller, algorithm, otherSide, settle) {
  if (controller.finish !== undefined) return controller.finish.promise;
  const capability = (controller.finish = PromiseWithResolvers());
  let outcome;
  try {
    outcome = algorithm(controller.transformer);
  } catch (error) {
    outcome = PromiseReject(error);
  }
  transformStreamDefaultControllerClearAlgorithms(controller);
  react(
    outcome,
    () => {
      if (otherSide.state === 'errored') {
        capability.reject(otherSide.storedError);
      } else {
        settle(undefined, false);
        capability.resolve(undefined);
      }
    },
    (error) => {
      settle(error, true);
      capability.reject(error);
    },
  );
  return capability.promise;
}

export function transformStreamError(stream, error) {
  readableStreamDefaultControllerError(stream.readable.controller, error);
  transformStreamErrorWritableAndUnblockWrite(stream, error);
}

function transformStreamErrorWritableAndUnblockWrite(stream, error) {
  transformStreamDefaultControllerClearAlgorithms(stream.controller);
  writableStreamDefaultControllerErrorIfNeeded(stream.writable.controller, error);
  transformStreamUnblockWrite(stream);
}

function transformStreamSetBackpressure(stream, backpressure) {
  stream.backpressureChange.resolve();
  stream.backpressureChange = new PromiseSlot();
  stream.backpressure = backpressure;
}

/** Lets a write that waits for backpressure to end go on, to find the stream errored. */
function transformStreamUnblockWrite(stream) {
  if (stream.backpressure) transformStreamSetBackpressure(stream, false);
}

/** Throws when the readable side is closing, closed or errored. */
export function transformStreamDefaultControllerEnqueue(controller, chunk) {
  const { stream } = controller;
  const readableController = stream.readable.controller;
  if (!readableStreamDefaultControllerCanCloseOrEnqueue(readableController)) {
    throw new TypeError('The readable side is not in a state that permits enqueue');
  }
  try {
    readableStreamDefaultControllerEnqueue(readableController, chunk);
  } catch (error) {
    transformStreamErrorWritableAndUnblockWrite(stream, error);
    throw stream.readable.storedError;
  }
  if (readableStreamDefaultControllerHasBackpressure(readableController) !== stream.backpressure) transformStreamSetBackpressure(stream, true);
}

/**
 * For a transformer of the platform that puts out much for one chunk: undefined while the readable side
 * wants more, otherwise a promise that tells whether it came to want more, or none is wanted any more.
 * @returns {Promise<boolean> | undefined}
 */
export function transformStreamDefaultControllerRoom(controller) {
  const { stream } = controller;
  if (!stream.backpressure) return undefined;
  // An abort waits for the chunk that is being transformed, so it has to be told.
  stream.writable.controller.onAbort = () => transformStreamUnblockWrite(stream);
  return then(stream.backpressureChange.get(), () => stream.writable.state === 'writable');
}

function transformStreamDefaultControllerPerformTransform(controller, chunk) {
  // While the readable side's cancel is under way, the transformer is gone and the writable side still open.
  if (controller.transformer === undefined) return undefined;
  let outcome;
  try {
    outcome = controller.transformer.transform(chunk, controller);
  } catch (error) {
    outcome = PromiseReject(error);
  }
  // What is done at once has not failed.
  if (outcome === undefined) return undefined;
  controller.onTransformFailed ??= (error) => {
    transformStreamError(controller.stream, error);
    throw error;
  };
  return uponSettled(outcome, undefined, controller.onTransformFailed);
}

function transformStreamDefaultControllerTerminate(controller) {
  const { stream } = controller;
  readableStreamDefaultControllerClose(stream.readable.controller);
  transformStreamErrorWritableAndUnblockWrite(stream, new TypeError('The transform stream was terminated'));
}

/** Lets go of the transformer, which may be garbage from here on. */
function transformStreamDefaultControllerClearAlgorithms(controller) {
  controller.transformer = undefined;
}

/** A transformer (§6.2.3) given by a tenant: its members, called with it as `this`. */
class Transformer {
  constructor(object, transform, flush, cancel) {
    this.object = object;
    this.call = captureStores() ?? ReflectApply;
    this.transformCallback = transform;
    this.flushCallback = flush;
    this.cancelCallback = cancel;
  }

  transform(chunk, controller) {
    if (this.transformCallback === undefined) return transformStreamDefaultControllerEnqueue(controller, chunk);
    return callbackOutcome(this.call(this.transformCallback, this.object, [chunk, controller.platformObject]));
  }

  flush(controller) {
    if (this.flushCallback === undefined) return undefined;
    return promiseResolvedWith(this.call(this.flushCallback, this.object, [controller.platformObject]));
  }

  cancel(reason) {
    return this.cancelCallback === undefined ? undefined : promiseResolvedWith(this.call(this.cancelCallback, this.object, [reason]));
  }
}

function toTransformer(object, prefix) {
  if (object === undefined) return { algorithms: new Transformer(undefined, undefined, undefined, undefined), start: undefined };
  const cancel = callbackMember(object, 'cancel', prefix);
  const flush = callbackMember(object, 'flush', prefix);
  const { readableType } = object;
  const start = callbackMember(object, 'start', prefix);
  const transform = callbackMember(object, 'transform', prefix);
  const { writableType } = object;
  if (readableType !== undefined) throw new RangeError(`${prefix}: member 'readableType' must not be set`);
  if (writableType !== undefined) throw new RangeError(`${prefix}: member 'writableType' must not be set`);
  return { algorithms: new Transformer(object, transform, flush, cancel), start };
}

inheritNothing(TransformStreamSlots, TransformStreamDefaultControllerSlots, TransformEnds, Transformer);
