// @ts-check
/**
 * IdentityTransformStream and FixedLengthStream, as in Workers
 * (https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/): bytes in, the same bytes out, also for BYOB readers.
 * A write is done when somebody has taken it. A body that is a FixedLengthStream is sent with its length.
 */
import { Number, NumberIsSafeInteger, PromiseReject, PromiseWithResolvers, TypeError, inheritNothing } from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetByteLength } from '../primordials/buffers.js';
import { WeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../primordials/collections.js';
import { configureInterface, requiredArguments } from '../webidl.js';
import { copyBufferSource, isArrayBuffer } from '../webidl_buffers.js';
import { createReadableByteStream, readableStreamClose, readableStreamEnqueue, readableStreamError } from './index.js';
import { extractHighWaterMark, toQueuingStrategy } from './queuing_strategies.js';
import { readableStreamSlots } from './readable_stream.js';
import { TransformStream, setTransformStreamSlots } from './transform_stream.js';
import { writableStreamDefaultControllerErrorIfNeeded } from './writable_controller.js';
import { createWritableStreamSlots } from './writable_stream.js';

/** The readable end of a FixedLengthStream → how many bytes it will give. */
const lengths = new WeakMap();

export class IdentityTransformStream extends TransformStream {
  constructor(strategy = undefined) {
    super();
    setTransformStreamSlots(this, createEnds(undefined, strategy, "Failed to construct 'IdentityTransformStream'"));
  }
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength, strategy = undefined) {
    const prefix = "Failed to construct 'FixedLengthStream'";
    requiredArguments(arguments.length, 1, prefix);
    const length = typeof expectedLength === 'bigint' ? Number(expectedLength) : +expectedLength;
    if (!NumberIsSafeInteger(length) || length < 0) throw new TypeError(`${prefix}: Argument 1 is not a length in bytes.`);
    super();
    setTransformStreamSlots(this, createEnds(length, strategy, prefix));
  }
}

configureInterface(IdentityTransformStream, { length: 0 });
configureInterface(FixedLengthStream, { length: 1 });

/** How many bytes a ReadableStream gives in all; undefined if that is not known. */
export function fixedLengthOf(readable) {
  return WeakMapPrototypeGet(lengths, readable);
}

function createEnds(length, strategy, prefix) {
  const highWaterMark = extractHighWaterMark(toQueuingStrategy(strategy, prefix), 1);
  const ends = new IdentityEnds(length);
  const readable = createReadableByteStream(ends.source, 0);
  const writable = createWritableStreamSlots(ends.sink, highWaterMark);
  ends.connect(readable, writable);
  if (length !== undefined) WeakMapPrototypeSet(lengths, readable, length);
  return { __proto__: null, readable: readableStreamSlots(readable), writable };
}

/** Source and sink of one stream. */
class IdentityEnds {
  #readable = undefined;
  #writable = undefined;
  /** How many bytes are still to come; undefined if any number may. */
  #missing;
  /** Whether a read waits. */
  #wanted = false;
  /** The write that waits for a read: `{ bytes, resolve, reject }`. */
  #waiting = undefined;

  constructor(length) {
    this.#missing = length;
  }

  connect(readable, writable) {
    this.#readable = readable;
    this.#writable = writable;
  }

  get source() {
    return { __proto__: null, pull: () => this.#pull(), cancel: (reason) => this.#cancel(reason) };
  }

  get sink() {
    return { __proto__: null, write: (chunk) => this.#write(chunk), close: () => this.#close(), abort: (reason) => this.#fail(reason) };
  }

  #pull() {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#wanted = true;
      return;
    }
    this.#waiting = undefined;
    readableStreamEnqueue(this.#readable, waiting.bytes);
    waiting.resolve(undefined);
  }

  #cancel(reason) {
    writableStreamDefaultControllerErrorIfNeeded(this.#writable.controller, reason);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.reject(reason);
  }

  #write(chunk) {
    if (!ArrayBufferIsView(chunk) && !isArrayBuffer(chunk)) {
      return this.#breach(new TypeError('This stream takes bytes: a chunk must be an ArrayBuffer or a view of one.'));
    }
    const bytes = copyBufferSource(chunk);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    if (this.#missing !== undefined) {
      if (length > this.#missing) return this.#breach(new TypeError('More bytes were written to a FixedLengthStream than its length.'));
      this.#missing -= length;
    }
    if (length === 0) return undefined;
    if (this.#wanted) {
      this.#wanted = false;
      readableStreamEnqueue(this.#readable, bytes);
      return undefined;
    }
    const { promise, resolve, reject } = PromiseWithResolvers();
    this.#waiting = { __proto__: null, bytes, resolve, reject };
    return promise;
  }

  #close() {
    if (this.#missing) return this.#breach(new TypeError('A FixedLengthStream was closed before all of its bytes were written.'));
    readableStreamClose(this.#readable);
    return undefined;
  }

  #breach(error) {
    readableStreamError(this.#readable, error);
    return PromiseReject(error);
  }

  #fail(reason) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    readableStreamError(this.#readable, reason);
    if (waiting !== undefined) waiting.reject(reason);
  }
}
inheritNothing(IdentityEnds);
