// @ts-check
/**
 * A body that arrives from the host in chunks: a request's, or that of a response to `fetch`.
 * Chunks queue here until something reads; the host is told to go on (credit) as they are consumed,
 * so a tenant that does not read does not make anybody buffer.
 */

import { addBody, removeBody } from './in_flight.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { ArrayPrototypePush, ArrayPrototypeShift, PromiseReject, PromiseResolve, PromiseWithResolvers, TypeError } from './primordials.js';
import { TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet, Uint8Array } from './primordials/buffers.js';

export class IncomingBody {
  #stream;
  #chunks = [];
  #ended = false;
  #error = undefined;
  #failed = false;
  /** The ReadableStream over this body, once somebody asked for one. */
  #readable = undefined;
  /** What waits for the whole body: `{ promise, resolve, reject }`. */
  #whole = undefined;
  /** What waits for the next chunk of `#readable`. */
  #pull = undefined;
  /** Called when nothing more is expected, whatever the reason. */
  #over;

  constructor(stream, over = undefined) {
    this.#stream = stream;
    this.#over = over;
    addBody(stream, this);
  }

  /** A byte stream of the chunks; always the same one. */
  readable() {
    return (this.#readable ??= lazy('./streams/index.js').createReadableByteStream({
      pull: () => this.#pullSteps(),
      cancel: () => this.cancel(),
    }));
  }

  /** All bytes, in a box, for a body that nobody reads as a stream. Once only. */
  readAll() {
    if (this.#failed) return PromiseReject(this.#error);
    this.#creditQueued();
    if (this.#ended) return PromiseResolve({ __proto__: null, bytes: this.#joined(), owned: true });
    this.#whole = PromiseWithResolvers();
    return this.#whole.promise;
  }

  /** Nobody wants the rest. */
  cancel() {
    if (!this.#ended && !this.#failed) ops.abortStream(this.#stream);
    this.#ended = true;
    this.#chunks = [];
    this.#leave();
  }

  chunk(bytes) {
    if (this.#ended) return;
    if (this.#pull !== undefined) {
      const { resolve } = this.#pull;
      this.#pull = undefined;
      this.#deliver(bytes);
      resolve();
      return;
    }
    ArrayPrototypePush(this.#chunks, bytes);
    if (this.#whole !== undefined) ops.credit(this.#stream, TypedArrayPrototypeGetByteLength(bytes));
  }

  end() {
    this.#ended = true;
    this.#leave();
    if (this.#whole !== undefined) this.#whole.resolve({ __proto__: null, bytes: this.#joined(), owned: true });
    if (this.#pull !== undefined) {
      lazy('./streams/index.js').readableStreamClose(this.#readable);
      this.#pull.resolve();
      this.#pull = undefined;
    }
  }

  fail(error) {
    this.#failed = true;
    this.#error = error;
    this.#chunks = [];
    this.#leave();
    if (this.#whole !== undefined) this.#whole.reject(error);
    if (this.#readable !== undefined) lazy('./streams/index.js').readableStreamError(this.#readable, error);
    if (this.#pull !== undefined) this.#pull.resolve();
    this.#pull = undefined;
  }

  /**
   * Its request is over. Who reads on hears of it; who waits already belongs to that request or to one that waits in vain,
   * and would only have a failure to report that is none.
   */
  drop() {
    if (this.#whole === undefined && this.#pull === undefined) {
      this.fail(new TypeError('The request that it belongs to is over.'));
      return;
    }
    this.#ended = true;
    this.#chunks = [];
    this.#leave();
  }

  #leave() {
    removeBody(this.#stream);
    const over = this.#over;
    this.#over = undefined;
    if (over !== undefined) over();
  }

  #pullSteps() {
    if (this.#failed) throw this.#error;
    if (this.#chunks.length > 0) {
      this.#deliver(ArrayPrototypeShift(this.#chunks));
      return undefined;
    }
    if (this.#ended) {
      lazy('./streams/index.js').readableStreamClose(this.#readable);
      return undefined;
    }
    this.#pull = PromiseWithResolvers();
    return this.#pull.promise;
  }

  #deliver(bytes) {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    lazy('./streams/index.js').readableStreamEnqueue(this.#readable, bytes);
    if (!this.#ended) ops.credit(this.#stream, length);
  }

  #creditQueued() {
    if (this.#ended) return;
    for (let i = 0; i < this.#chunks.length; i++) ops.credit(this.#stream, TypedArrayPrototypeGetByteLength(this.#chunks[i]));
  }

  #joined() {
    const chunks = this.#chunks;
    this.#chunks = [];
    if (chunks.length === 1) return chunks[0];
    let length = 0;
    for (let i = 0; i < chunks.length; i++) length += TypedArrayPrototypeGetByteLength(chunks[i]);
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (let i = 0; i < chunks.length; i++) {
      TypedArrayPrototypeSet(bytes, chunks[i], offset);
      offset += TypedArrayPrototypeGetByteLength(chunks[i]);
    }
    return bytes;
  }
}
