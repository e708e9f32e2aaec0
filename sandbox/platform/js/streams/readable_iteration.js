// @ts-check
/**
 * Streams Standard §4.2.5 "Asynchronous iteration" and ReadableStreamFromIterable, with Web IDL's
 * "default asynchronous iterator objects" and "opening an async sequence".
 */
import {
  AsyncIteratorPrototype, ObjectDefineProperties, ObjectSetPrototypeOf, PromisePrototypeThen, PromiseReject, PromiseResolve,
  ReflectApply, SymbolAsyncIterator, SymbolIterator, SymbolToStringTag, TypeError, inheritNothing,
} from '../primordials.js';
import { acquireReadableStreamDefaultReader, readableStreamDefaultReaderRead, readableStreamDefaultReaderRelease } from './readable_readers.js';
import { readableStreamDefaultControllerClose, readableStreamDefaultControllerEnqueue } from './readable_default_controller.js';
import { createReadableStreamSlots, readableStreamCancel } from './readable_stream.js';
import { Capability, uponSettled } from './support.js';

/** The iterator that `ReadableStream.prototype.values` returns. Throws when the stream is locked. */
export function createAsyncIterator(stream, preventCancel) {
  return new AsyncIterator(new IteratorState(acquireReadableStreamDefaultReader(stream), preventCancel));
}

/** Steps of one iterator, run one at a time: a call waits for the one before it. */
class IteratorState {
  /** The promise of the last call. */
  ongoing = undefined;
  /** Calls of `next` that have not settled; a `return` counts for ever. */
  pending = 0;
  finished = false;

  constructor(reader, preventCancel) {
    this.reader = reader;
    this.preventCancel = preventCancel;
  }

  next() {
    return this.#afterOngoing(() => this.#nextSteps());
  }

  return(value) {
    return PromisePrototypeThen(this.#afterOngoing(() => this.#returnSteps(value)), () => ({ value, done: true }));
  }

  #afterOngoing(steps) {
    this.pending++;
    this.ongoing = this.pending === 1 ? steps() : PromisePrototypeThen(this.ongoing, steps, steps);
    return this.ongoing;
  }

  #nextSteps() {
    if (this.finished) return PromiseResolve({ value: undefined, done: true });
    const request = new IterationRequest(this);
    readableStreamDefaultReaderRead(this.reader, request);
    return request.promise;
  }

  #returnSteps(value) {
    if (this.finished) return PromiseResolve(undefined);
    this.finished = true;
    const { reader } = this;
    const outcome = this.preventCancel ? PromiseResolve(undefined) : readableStreamCancel(reader.stream, value);
    readableStreamDefaultReaderRelease(reader);
    return outcome;
  }
}

/**
 * "Get the next iteration result". Its promise settles a tick after the chunk is there, or the error, at once or
 * later: whether a `return` comes before or after a pull depends on it.
 */
class IterationRequest {
  #state;
  /** Only of a request that has to wait. */
  #capability = undefined;
  #result = undefined;
  #failed = false;
  #error = undefined;

  constructor(state) {
    this.#state = state;
  }

  get promise() {
    let outcome;
    if (this.#failed) {
      outcome = PromiseReject(this.#error);
    } else if (this.#result === undefined) {
      this.#capability = new Capability();
      outcome = this.#capability.promise;
    }
    return uponSettled(
      outcome,
      () => {
        this.#state.pending--;
        return this.#result;
      },
      (error) => {
        this.#state.pending--;
        throw error;
      },
    );
  }

  chunkSteps(chunk) {
    this.#fulfill({ value: chunk, done: false });
  }

  closeSteps() {
    this.#finish();
    this.#fulfill({ value: undefined, done: true });
  }

  errorSteps(error) {
    this.#finish();
    if (this.#capability === undefined) {
      this.#failed = true;
      this.#error = error;
    } else {
      this.#capability.reject(error);
    }
  }

  #finish() {
    this.#state.finished = true;
    readableStreamDefaultReaderRelease(this.#state.reader);
  }

  #fulfill(result) {
    this.#result = result;
    if (this.#capability !== undefined) this.#capability.resolve(undefined);
  }
}

class AsyncIterator {
  #state;

  static isInstance(value) {
    return isObject(value) && #state in value;
  }

  constructor(state) {
    this.#state = state;
  }

  next() {
    return AsyncIterator.isInstance(this) ? this.#state.next() : PromiseReject(new TypeError('Illegal invocation'));
  }

  return(value) {
    return AsyncIterator.isInstance(this) ? this.#state.return(value) : PromiseReject(new TypeError('Illegal invocation'));
  }
}

{
  const { prototype } = AsyncIterator;
  const method = (value) => ({ __proto__: null, value, writable: true, enumerable: true, configurable: true });
  delete prototype.constructor;
  ObjectSetPrototypeOf(prototype, AsyncIteratorPrototype);
  ObjectDefineProperties(prototype, {
    __proto__: null,
    next: method(prototype.next),
    return: method(prototype.return),
    [SymbolToStringTag]: { __proto__: null, value: 'ReadableStream AsyncIterator', writable: false, enumerable: false, configurable: true },
  });
}

/** ReadableStreamFromIterable. Throws what opening the iterator throws. */
export function readableStreamFromIterable(iterable) {
  return createReadableStreamSlots(openAsyncSequence(iterable), 0);
}

function openAsyncSequence(iterable) {
  if (iterable === undefined || iterable === null) throw new TypeError('The value is not iterable');
  const asyncMethod = iterable[SymbolAsyncIterator];
  const method = asyncMethod ?? iterable[SymbolIterator];
  if (typeof method !== 'function') throw new TypeError('The value is not iterable');
  const iterator = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) throw new TypeError('The iterator is not an object');
  const { next } = iterator;
  return asyncMethod ? new AsyncIterableSource(iterator, next) : new SyncIterableSource(iterator, next);
}

class AsyncIterableSource {
  constructor(iterator, next) {
    this.iterator = iterator;
    this.next = next;
  }

  pull(controller) {
    const nextPromise = PromiseResolve(ReflectApply(this.next, this.iterator, []));
    return PromisePrototypeThen(nextPromise, (result) => {
      checkResult(result);
      if (result.done) readableStreamDefaultControllerClose(controller);
      else readableStreamDefaultControllerEnqueue(controller, result.value);
    });
  }

  cancel(reason) {
    const method = this.iterator.return;
    if (method === undefined || method === null) return undefined;
    return PromisePrototypeThen(PromiseResolve(ReflectApply(method, this.iterator, [reason])), checkResult);
  }
}

/** A sync iterator; as in async-from-sync iterators, values that are promises are awaited. */
class SyncIterableSource {
  constructor(iterator, next) {
    this.iterator = iterator;
    this.next = next;
  }

  pull(controller) {
    const result = ReflectApply(this.next, this.iterator, []);
    checkResult(result);
    if (result.done) {
      readableStreamDefaultControllerClose(controller);
      return undefined;
    }
    return PromisePrototypeThen(PromiseResolve(result.value), (value) => readableStreamDefaultControllerEnqueue(controller, value));
  }

  cancel(reason) {
    const method = this.iterator.return;
    if (method === undefined || method === null) return undefined;
    const result = ReflectApply(method, this.iterator, [reason]);
    checkResult(result);
    return PromiseResolve(result.value);
  }
}

function checkResult(result) {
  if (!isObject(result)) throw new TypeError('The iterator returned a result that is not an object');
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

inheritNothing(IteratorState, IterationRequest, AsyncIterableSource, SyncIterableSource);
