// @ts-check
/**
 * The Compression Standard (https://compression.spec.whatwg.org/), and what `node:zlib` is made of.
 */

import { ops } from './ops.js';
import { ArrayPrototypePush, PromiseWithResolvers, TypeError, inheritNothing } from './primordials.js';
import {
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, Uint32Array, Uint8Array,
} from './primordials/buffers.js';
import { createTransform, enqueueTransformed, roomForTransformed } from './streams/index.js';
import { configureInterface, converters, createEnumConverter, requiredArguments } from './webidl.js';
import { bufferSourceForOp, copyBufferSource } from './webidl_buffers.js';

/** How a codec stands after a step; `src/ops/compression.rs` numbers them. */
export const HUNGRY = 0;
export const MORE = 1;
export const ENDED = 2;
export const CORRUPT = 3;
export const NEEDS_DICTIONARY = 4;

/** What a step is to put out: what there is anyway, all of what came so far, the same so that decoding can begin there, the end. */
export const FLUSH_NONE = 0;
export const FLUSH_SYNC = 1;
export const FLUSH_FULL = 2;
export const FLUSH_FINISH = 3;

/** Position and standing after the last step of any codec. */
const outcome = new Uint32Array(2);
const noBytes = new Uint8Array(0);

/**
 * Compresses or decompresses in steps of at most 64 KiB.
 * ```
 * const codec = new Codec('gzip', true);
 * codec.position = 0;
 * do output(codec.step(bytes, FLUSH_NONE)); while (codec.standing === MORE);
 * ```
 */
export class Codec {
  /** How much of the bytes is consumed. Set it to 0 before the first step with other bytes. */
  position = 0;
  standing = HUNGRY;
  #native;

  /**
   * @param {'brotli' | 'deflate' | 'deflate-raw' | 'gzip'} format
   * @param {boolean} decompress
   * @param {number} [level] 0 to 9; for brotli 0 to 11
   * @param {number} [windowBits] 9 to 15; for brotli 10 to 22
   * @param {Uint8Array} [dictionary] for deflate and deflate-raw
   */
  constructor(format, decompress, level = format === 'brotli' ? 5 : 6, windowBits = format === 'brotli' ? 20 : 15, dictionary = undefined) {
    this.#native = ops.codecNew(format, decompress, level, windowBits, dictionary);
  }

  /** One step; returns what came out, perhaps nothing. */
  step(bytes, flush) {
    const output = ops.codecRun(this.#native, bytes, this.position, flush, outcome);
    this.position = outcome[0];
    this.standing = outcome[1];
    return output;
  }

  /** Gives its memory back. Later steps do nothing, and say that the end is reached. */
  free() {
    ops.codecFree(this.#native);
  }
}

const toCompressionFormat = createEnumConverter('CompressionFormat', ['brotli', 'deflate', 'deflate-raw', 'gzip']);

export class CompressionStream {
  #transform;

  constructor(format) {
    const prefix = "Failed to construct 'CompressionStream'";
    requiredArguments(arguments.length, 1, prefix);
    this.#transform = createTransform(new Compressor(toCompressionFormat(format, prefix, 'Argument 1')));
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

export class DecompressionStream {
  #transform;

  constructor(format) {
    const prefix = "Failed to construct 'DecompressionStream'";
    requiredArguments(arguments.length, 1, prefix);
    this.#transform = createTransform(new Decompressor(toCompressionFormat(format, prefix, 'Argument 1')));
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

configureInterface(CompressionStream);
configureInterface(DecompressionStream);

class Compressor {
  codec = undefined;

  constructor(format) {
    this.format = format;
  }

  /** "Compress and enqueue a chunk". What comes out is hardly more than what goes in. */
  transform(chunk, controller) {
    const bytes = bufferSourceForOp(converters.BufferSource(chunk, 'Failed to compress a chunk', 'The chunk'));
    this.#run(bytes, FLUSH_NONE, controller);
  }

  /** "Compress flush and enqueue". */
  flush(controller) {
    this.#run(noBytes, FLUSH_FINISH, controller);
  }

  cancel() {
    this.codec?.free();
  }

  #run(bytes, flush, controller) {
    const codec = (this.codec ??= new Codec(this.format, false));
    const pieces = [];
    codec.position = 0;
    // All steps come before the first piece is handed out: whoever gets it might change the bytes.
    do ArrayPrototypePush(pieces, codec.step(bytes, flush));
    while (codec.standing === MORE);
    for (let i = 0; i < pieces.length; i++) enqueue(controller, pieces[i]);
  }
}

class Decompressor {
  codec = undefined;

  constructor(format) {
    this.format = format;
  }

  /**
   * "Decompress and enqueue a chunk". The standard enqueues all of it at once. Here it waits for the
   * reader in between, since little can become very much.
   */
  transform(chunk, controller) {
    const bytes = bufferSourceForOp(converters.BufferSource(chunk, 'Failed to decompress a chunk', 'The chunk'));
    const codec = (this.codec ??= new Codec(this.format, true));
    codec.position = 0;
    if (codec.standing === ENDED) {
      if (TypedArrayPrototypeGetLength(bytes) > 0) throw new TypeError('There is data after the end of the compressed data');
      return undefined;
    }
    const room = this.#run(bytes, controller);
    if (room === undefined) return undefined;
    // The bytes are the tenant's, who may change them while we wait.
    const rest = copyFrom(bytes, codec.position);
    codec.position = 0;
    return this.#runOn(room, rest, controller);
  }

  /** "Decompress flush and enqueue". All that could be decompressed has been. */
  flush() {
    if (this.codec?.standing === ENDED) return;
    this.cancel();
    throw new TypeError('The compressed data is incomplete');
  }

  cancel() {
    this.codec?.free();
  }

  /** Steps until all is consumed, which returns undefined, or the reader has enough, which returns a promise. */
  #run(bytes, controller) {
    const { codec } = this;
    for (;;) {
      const output = codec.step(bytes, FLUSH_NONE);
      const { standing } = codec;
      if (standing === CORRUPT || standing === NEEDS_DICTIONARY) throw new TypeError('The compressed data is not valid');
      enqueue(controller, output);
      if (standing === ENDED && codec.position < TypedArrayPrototypeGetLength(bytes)) {
        throw new TypeError('There is data after the end of the compressed data');
      }
      if (standing !== MORE) return undefined;
      const room = roomForTransformed(controller);
      if (room !== undefined) return room;
    }
  }

  /** Goes on whenever the reader wants more. */
  #runOn(room, bytes, controller) {
    const { promise, resolve, reject } = PromiseWithResolvers();
    const goOn = (wanted) => {
      if (!wanted) {
        this.cancel();
        resolve(undefined);
        return;
      }
      try {
        const more = this.#run(bytes, controller);
        if (more === undefined) resolve(undefined);
        else ops.react(more, goOn, reject);
      } catch (error) {
        reject(error);
      }
    };
    ops.react(room, goOn, reject);
    return promise;
  }
}

function copyFrom(bytes, position) {
  const offset = TypedArrayPrototypeGetByteOffset(bytes) + position;
  return copyBufferSource(new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), offset, TypedArrayPrototypeGetLength(bytes) - position));
}

function enqueue(controller, bytes) {
  if (TypedArrayPrototypeGetLength(bytes) > 0) enqueueTransformed(controller, bytes);
}

inheritNothing(Codec, Compressor, Decompressor);
