// @ts-check
/** Streams Standard §9.1.2 "Reading": "read all bytes", for the body mixin and Blob. */
import { PromiseReject, PromiseWithResolvers, TypeError, inheritNothing } from '../primordials.js';
import {
  TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, Uint8Array,
} from '../primordials/buffers.js';
import { ops } from '../ops.js';
import { isReadableByteStreamController } from './readable_byte_stream.js';
import { acquireReadableStreamDefaultReader, readableStreamDefaultReaderRead, readableStreamDefaultReaderRelease } from './readable_readers.js';
import { readableStreamCancel, readableStreamSlots } from './readable_stream.js';
import { copyBufferSource } from '../webidl_buffers.js';
import { List } from './support.js';

/**
 * Reads a stream to its end.
 * @param {import('./readable_stream.js').ReadableStream} stream not locked, or the promise is rejected with a TypeError
 * @param {number} [limit] in bytes; a longer stream is cancelled and the promise rejected with a TypeError
 * @returns {Promise<{ bytes: Uint8Array, owned: true }>} all its bytes, that nobody else has, in a box without prototype
 * (a tenant's `Object.prototype.then` must not get them); rejected with the stream's error
 */
export function readAllBytes(stream, limit = Infinity) {
  try {
    const request = new ReadAllRequest(readableStreamSlots(stream), limit);
    request.pump();
    return request.capability.promise;
  } catch (error) {
    return PromiseReject(error);
  }
}

/** The read request of every read of one such loop. */
class ReadAllRequest {
  capability = PromiseWithResolvers();
  chunks = new List();
  length = 0;
  answered = false;
  pumping = false;
  settled = false;

  constructor(stream, limit) {
    this.stream = stream;
    this.limit = limit;
    this.reader = acquireReadableStreamDefaultReader(stream);
  }

  /** A loop and no recursion, as a stream may have any number of chunks ready. */
  pump() {
    this.pumping = true;
    do {
      this.answered = false;
      readableStreamDefaultReaderRead(this.reader, this);
    } while (this.answered && !this.settled);
    this.pumping = false;
  }

  chunkSteps(chunk) {
    if (typeof chunk !== 'object' || chunk === null || TypedArrayPrototypeGetSymbolToStringTag(chunk) !== 'Uint8Array') {
      this.#fail(new TypeError('A chunk of the stream is not a Uint8Array'));
      return;
    }
    // A byte stream gives its chunks away; others belong to the tenant, who may change or detach them.
    this.chunks.append(isReadableByteStreamController(this.stream.controller) ? chunk : copyBufferSource(chunk));
    this.length += TypedArrayPrototypeGetByteLength(chunk);
    if (this.length > this.limit) {
      this.#fail(new TypeError(`The stream is longer than ${this.limit} bytes`));
      return;
    }
    this.answered = true;
    if (!this.pumping) this.pump();
  }

  closeSteps() {
    this.settled = true;
    readableStreamDefaultReaderRelease(this.reader);
    this.capability.resolve({ __proto__: null, bytes: this.#joined(), owned: true });
  }

  errorSteps(error) {
    this.settled = true;
    readableStreamDefaultReaderRelease(this.reader);
    this.capability.reject(error);
  }

  #fail(error) {
    this.settled = true;
    ops.markPromiseHandled(readableStreamCancel(this.stream, error));
    readableStreamDefaultReaderRelease(this.reader);
    this.capability.reject(error);
  }

  #joined() {
    const { chunks, length } = this;
    if (chunks.size === 1) return chunks.first;
    const bytes = new Uint8Array(length);
    let offset = 0;
    while (chunks.size > 0) {
      const chunk = chunks.shift();
      TypedArrayPrototypeSet(bytes, chunk, offset);
      offset += TypedArrayPrototypeGetByteLength(chunk);
    }
    return bytes;
  }
}

inheritNothing(ReadAllRequest);
