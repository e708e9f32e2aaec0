// @ts-check
/**
 * A body that goes to the host in chunks: a response's, or that of a `fetch` request. No more is read
 * from its source than the host has given credit for.
 */

import { addSender, removeSender } from './in_flight.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { TypeError, inheritNothing } from './primordials.js';
import {
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} from './primordials/buffers.js';
import { copyBufferSource } from './webidl_buffers.js';

/**
 * Sends all of `bytes` on `stream`, then `done()`.
 * @param {number} stream
 * @param {Uint8Array} bytes
 * @param {() => void} done
 */
export function sendBytes(stream, bytes, done) {
  new OutgoingBody(stream, undefined, done).start(bytes);
}

/**
 * Sends what `readable` gives on `stream`, then `done(error or undefined)`. The stream must not be locked.
 * @param {number} stream
 * @param {ReadableStream} readable
 * @param {(error?: any) => void} done
 */
export function sendStream(stream, readable, done) {
  new OutgoingBody(stream, readable, done).start(undefined);
}

/** Also the read request of its own reads. */
class OutgoingBody {
  #stream;
  #readable;
  #done;
  #reader = undefined;
  /** The chunk in progress and how much of it is sent. */
  #chunk = undefined;
  #sent = 0;
  /** Whether the chunk is a copy that nobody else has. */
  #kept = false;
  #reading = false;
  #answered = false;
  #context = ops.context();

  constructor(stream, readable, done) {
    this.#stream = stream;
    this.#readable = readable;
    this.#done = done;
  }

  get context() {
    return this.#context;
  }

  start(bytes) {
    addSender(this.#stream, this);
    if (this.#readable !== undefined) {
      this.#reader = lazy('./streams/index.js').acquireDefaultReader(this.#readable);
      this.#read();
      return;
    }
    this.#chunk = bytes;
    this.resume();
  }

  /** Sends as much of the chunk in progress as there is credit for; then goes on. */
  resume() {
    if (this.#chunk === undefined) return;
    this.#sent = ops.sendChunk(this.#stream, this.#chunk, this.#sent);
    if (this.#sent < TypedArrayPrototypeGetByteLength(this.#chunk)) return this.#keepRest();
    this.#chunk = undefined;
    if (this.#reader === undefined) this.#finish(undefined);
    else this.#read();
  }

  stop(reason) {
    removeSender(this.#stream);
    this.#chunk = undefined;
    if (this.#reader !== undefined) this.#cancel(reason);
    this.#done(undefined);
  }

  breakOff(error) {
    this.#fail(error);
    if (this.#reader !== undefined) this.#cancel(error);
  }

  chunkSteps(chunk) {
    if (typeof chunk !== 'object' || chunk === null || TypedArrayPrototypeGetSymbolToStringTag(chunk) !== 'Uint8Array') {
      const error = new TypeError('A body stream must give Uint8Array chunks; encode strings with TextEncoderStream.');
      this.breakOff(error);
      return;
    }
    this.#chunk = chunk;
    this.#kept = false;
    this.#sent = 0;
    this.#answered = true;
    if (!this.#reading) this.resume();
  }

  closeSteps() {
    this.#finish(undefined);
  }

  errorSteps(error) {
    this.#fail(error);
  }

  /** A loop and no recursion, as a stream may have any number of chunks ready. */
  #read() {
    if (this.#reading) return;
    this.#reading = true;
    const { readChunk } = lazy('./streams/index.js');
    do {
      this.#answered = false;
      readChunk(this.#reader, this);
      if (this.#answered) {
        this.#sent = ops.sendChunk(this.#stream, this.#chunk, 0);
        if (this.#sent < TypedArrayPrototypeGetByteLength(this.#chunk)) {
          this.#keepRest();
          break;
        }
        this.#chunk = undefined;
      }
    } while (this.#answered);
    this.#reading = false;
  }

  /** What waits for credit is copied: a stream's chunk belongs to the tenant, who may change or detach it. */
  #keepRest() {
    if (this.#reader === undefined || this.#kept) return;
    this.#kept = true;
    const chunk = this.#chunk;
    const offset = TypedArrayPrototypeGetByteOffset(chunk) + this.#sent;
    this.#chunk = copyBufferSource(new Uint8Array(TypedArrayPrototypeGetBuffer(chunk), offset, TypedArrayPrototypeGetByteLength(chunk) - this.#sent));
    this.#sent = 0;
  }

  #cancel(reason) {
    const { cancelReadableStream } = lazy('./streams/index.js');
    ops.markPromiseHandled(cancelReadableStream(this.#readable, reason));
  }

  #finish() {
    if (!removeSender(this.#stream)) return;
    ops.sendEnd(this.#stream);
    this.#done(undefined);
  }

  #fail(error) {
    if (!removeSender(this.#stream)) return;
    ops.sendError(this.#stream, 'the body could not be produced');
    this.#done(error);
  }
}

inheritNothing(OutgoingBody);
delete OutgoingBody.prototype.constructor;
