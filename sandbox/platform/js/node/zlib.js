// @ts-check
/** `node:zlib` (https://nodejs.org/docs/latest-v20.x/api/zlib.html), over the codecs of the compression streams. */

import { Codec, CORRUPT, ENDED, FLUSH_FINISH, FLUSH_FULL, FLUSH_NONE, FLUSH_SYNC, MORE, NEEDS_DICTIONARY } from '../compression.js';
import { ops } from '../ops.js';
import { ArrayPrototypePush, Error, ObjectSetPrototypeOf, ReflectApply, Symbol } from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetLength, Uint8Array } from '../primordials/buffers.js';
import { bufferSourceForOp, isArrayBuffer } from '../webidl_buffers.js';
import { adopt, Buffer, kMaxLength } from './buffer_class.js';
import { invalidArgType, outOfRange, rangeError } from './errors.js';
import { later } from './crypto_sign.js';
import { Transform } from './stream_duplex.js';
import { validateFunction } from './validators.js';
import { codes, constants } from './zlib_constants.js';

export { codes, constants };

const kCodec = Symbol('kCodec');
const kFlush = Symbol('kFlush');
const kPaused = Symbol('kPaused');

function failure(standing) {
  const [message, code, errno] =
    standing === CORRUPT ? ['incorrect data', 'Z_DATA_ERROR', -3] : standing === NEEDS_DICTIONARY ? ['Missing dictionary', 'Z_NEED_DICT', 2] : ['unexpected end of file', 'Z_BUF_ERROR', -5];
  const error = /** @type {any} */ (new Error(message));
  error.errno = errno;
  error.code = code;
  return error;
}

function check(value, name, min, max) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw invalidArgType(`options.${name}`, 'number', value);
  if (!(value >= min && value <= max)) throw outOfRange(`options.${name}`, `>= ${min} and <= ${max}`, value);
  return value;
}

/** Compresses or decompresses piece by piece, several members of gzip in a row included. */
class Coder {
  #format;
  #decompress;
  #level;
  #windowBits;
  #dictionary;
  #codec;
  /** What is being fed, and how much of it is consumed. */
  #bytes = noBytes;
  #at = 0;
  #flush = FLUSH_NONE;
  #finishing = false;
  #limit;
  #put = 0;
  ended = false;

  constructor(format, decompress, options) {
    this.#format = format;
    this.#decompress = decompress;
    if (format === 'brotli') {
      const parameters = options?.params;
      this.#level = parameters?.[constants.BROTLI_PARAM_QUALITY];
      this.#windowBits = parameters?.[constants.BROTLI_PARAM_LGWIN];
    } else {
      const level = check(options?.level, 'level', -1, 9);
      this.#level = level === -1 ? undefined : level;
      const bits = check(options?.windowBits, 'windowBits', decompress ? 0 : 8, 15);
      this.#windowBits = bits === 0 || bits === undefined ? undefined : bits < 9 ? 9 : bits;
      if (options?.dictionary !== undefined) this.#dictionary = new Uint8Array(bufferSourceForOp(options.dictionary));
    }
    this.#limit = options?.maxOutputLength ?? kMaxLength;
  }

  #open(first) {
    let format = this.#format;
    if (format === 'unzip') format = first === 0x1f ? 'gzip' : 'deflate';
    this.#codec = new Codec(format, this.#decompress, this.#level, this.#windowBits, this.#dictionary);
    return format;
  }

  /** Feeds `bytes`; `emit` gets what comes out, and by returning false has the rest wait for `resume`. Returns whether all is done. */
  feed(bytes, flush, emit) {
    this.#bytes = bytes;
    this.#flush = flush;
    this.#at = 0;
    return this.resume(emit);
  }

  resume(emit) {
    const bytes = this.#bytes;
    const length = TypedArrayPrototypeGetLength(bytes);
    // Whoever gets what comes out may have closed it.
    while (!this.ended) {
      if (this.#codec === undefined) {
        if (this.#at === length && this.#decompress) break;
        this.#format = this.#open(bytes[this.#at]);
      }
      const codec = this.#codec;
      codec.position = this.#at;
      const out = codec.step(bytes, this.#flush);
      const { standing } = codec;
      this.#at = codec.position;
      const count = TypedArrayPrototypeGetLength(out);
      this.#put += count;
      if (this.#put > this.#limit) throw rangeError('ERR_BUFFER_TOO_LARGE', `Cannot create a Buffer larger than ${this.#limit} bytes`);
      if (standing === ENDED) this.#endMember(bytes, length);
      const isFull = count > 0 && emit(adopt(out)) === false;
      if (standing === CORRUPT || standing === NEEDS_DICTIONARY) throw failure(standing);
      if (standing !== ENDED && standing !== MORE) break;
      if (isFull) return false;
    }
    this.#bytes = noBytes;
    if (this.#finishing && this.#decompress && this.#codec !== undefined) throw failure(-1);
    return true;
  }

  /** Another member may follow; zeros behind the end are padding. */
  #endMember(bytes, length) {
    this.#drop();
    this.ended = !this.#decompress || this.#format !== 'gzip' || (this.#at < length && bytes[this.#at] === 0);
  }

  /** The input is over. */
  finish(emit) {
    if (this.ended || (this.#decompress && this.#codec === undefined)) return true;
    this.#finishing = true;
    return this.feed(noBytes, FLUSH_FINISH, emit);
  }

  close() {
    this.ended = true;
    this.#drop();
  }

  #drop() {
    this.#codec?.free();
    this.#codec = undefined;
  }
}

const noBytes = new Uint8Array(0);

const flushes = { __proto__: null, 0: FLUSH_NONE, 1: FLUSH_SYNC, 2: FLUSH_SYNC, 3: FLUSH_FULL, 4: FLUSH_FINISH };

/** The class of the streams of one format. */
function define(name, format, decompress) {
  /** @type {any} */
  const Class = {
    [name]: function (options = undefined) {
      if (!(this instanceof Class)) return new Class(options);
      this[kCodec] = new Coder(format, decompress, options);
      this.bytesWritten = 0;
      ReflectApply(Transform, this, [{ autoDestroy: true, ...options }]);
      return undefined;
    },
  }[name];
  ObjectSetPrototypeOf(Class.prototype, ZlibBase.prototype);
  ObjectSetPrototypeOf(Class, ZlibBase);
  return Class;
}

function ZlibBase() {}
ObjectSetPrototypeOf(ZlibBase.prototype, Transform.prototype);
ObjectSetPrototypeOf(ZlibBase, Transform);
const { prototype } = ZlibBase;
prototype._transform = function _transform(chunk, _encoding, callback) {
  this.bytesWritten += chunk.length;
  const flush = chunk[kFlush] ?? FLUSH_NONE;
  drive(this, (coder, emit) => coder.feed(chunk, flush, emit), callback);
};
prototype._flush = function _flush(callback) {
  drive(this, (coder, emit) => coder.finish(emit), callback);
};
prototype._read = function _read(size) {
  const goOn = this[kPaused];
  this[kPaused] = undefined;
  if (goOn !== undefined) goOn();
  else ReflectApply(Transform.prototype._read, this, [size]);
};
prototype._destroy = function _destroy(error, callback) {
  this[kPaused] = undefined;
  this[kCodec].close();
  callback(error);
};
/** Takes its turn among what is written. */
prototype.flush = function flush(kind, callback) {
  if (typeof kind === 'function' || kind === undefined) [callback, kind] = [kind, constants.Z_FULL_FLUSH];
  const mark = Buffer.alloc(0);
  mark[kFlush] = flushes[kind] ?? FLUSH_SYNC;
  this.write(mark, () => callback?.());
};

/** Puts out until the reader has enough, and goes on when more is wanted: a small chunk may expand to any size. */
function drive(stream, begin, callback) {
  try {
    if (!begin(stream[kCodec], (out) => stream.push(out))) {
      stream[kPaused] = () => drive(stream, resume, callback);
      return;
    }
  } catch (error) {
    callback(error);
    return;
  }
  callback();
}

const resume = (coder, emit) => coder.resume(emit);
prototype.close = function close(callback) {
  if (callback) this.once('close', callback);
  this.destroy();
};
prototype.params = function params(_level, _strategy, callback) {
  callback?.();
};
prototype.reset = function reset() {};

export const Deflate = define('Deflate', 'deflate', false);
export const Inflate = define('Inflate', 'deflate', true);
export const Gzip = define('Gzip', 'gzip', false);
export const Gunzip = define('Gunzip', 'gzip', true);
export const DeflateRaw = define('DeflateRaw', 'deflate-raw', false);
export const InflateRaw = define('InflateRaw', 'deflate-raw', true);
export const Unzip = define('Unzip', 'unzip', true);
export const BrotliCompress = define('BrotliCompress', 'brotli', false);
export const BrotliDecompress = define('BrotliDecompress', 'brotli', true);

export const createDeflate = (options = undefined) => new Deflate(options);
export const createInflate = (options = undefined) => new Inflate(options);
export const createGzip = (options = undefined) => new Gzip(options);
export const createGunzip = (options = undefined) => new Gunzip(options);
export const createDeflateRaw = (options = undefined) => new DeflateRaw(options);
export const createInflateRaw = (options = undefined) => new InflateRaw(options);
export const createUnzip = (options = undefined) => new Unzip(options);
export const createBrotliCompress = (options = undefined) => new BrotliCompress(options);
export const createBrotliDecompress = (options = undefined) => new BrotliDecompress(options);

function input(buffer) {
  if (typeof buffer === 'string') return ops.bufferEncode(buffer, 0);
  if (ArrayBufferIsView(buffer) || isArrayBuffer(buffer)) return bufferSourceForOp(buffer);
  throw invalidArgType('buffer', ['string', 'Buffer', 'TypedArray', 'DataView', 'ArrayBuffer'], buffer);
}

function whole(format, decompress, buffer, options) {
  const bytes = input(buffer);
  const coder = new Coder(format, decompress, options);
  const parts = [];
  const emit = (out) => ArrayPrototypePush(parts, out);
  coder.feed(bytes, FLUSH_NONE, emit);
  if (decompress && TypedArrayPrototypeGetLength(bytes) === 0) throw failure(-1);
  const lenient = options?.finishFlush === constants.Z_SYNC_FLUSH || options?.finishFlush === constants.BROTLI_OPERATION_FLUSH;
  if (!decompress || !lenient) coder.finish(emit);
  coder.close();
  return Buffer.concat(parts);
}

const sync = (format, decompress) => (buffer, options = undefined) => whole(format, decompress, buffer, options);
const withCallback = (format, decompress) => (buffer, options, callback) => {
  if (typeof options === 'function') [callback, options] = [options, undefined];
  validateFunction(callback, 'callback');
  const bytes = input(buffer);
  later(callback, () => whole(format, decompress, bytes, options));
};

export const deflateSync = sync('deflate', false);
export const inflateSync = sync('deflate', true);
export const gzipSync = sync('gzip', false);
export const gunzipSync = sync('gzip', true);
export const deflateRawSync = sync('deflate-raw', false);
export const inflateRawSync = sync('deflate-raw', true);
export const unzipSync = sync('unzip', true);
export const brotliCompressSync = sync('brotli', false);
export const brotliDecompressSync = sync('brotli', true);
export const deflate = withCallback('deflate', false);
export const inflate = withCallback('deflate', true);
export const gzip = withCallback('gzip', false);
export const gunzip = withCallback('gzip', true);
export const deflateRaw = withCallback('deflate-raw', false);
export const inflateRaw = withCallback('deflate-raw', true);
export const unzip = withCallback('unzip', true);
export const brotliCompress = withCallback('brotli', false);
export const brotliDecompress = withCallback('brotli', true);

let table;

/** The checksum of RFC 1952, going on from `value`. */
export function crc32(data, value = 0) {
  if (table === undefined) {
    table = [];
    for (let n = 0; n < 256; n++) {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
      ArrayPrototypePush(table, c >>> 0);
    }
  }
  const bytes = input(data);
  const length = TypedArrayPrototypeGetLength(bytes);
  let crc = ~value >>> 0;
  for (let i = 0; i < length; i++) crc = (table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8)) >>> 0;
  return ~crc >>> 0;
}

export default {
  crc32, Deflate, Inflate, Gzip, Gunzip, DeflateRaw, InflateRaw, Unzip, BrotliCompress, BrotliDecompress, deflate, deflateSync, gzip, gzipSync, deflateRaw, deflateRawSync, unzip, unzipSync,
  inflate, inflateSync, gunzip, gunzipSync, inflateRaw, inflateRawSync, brotliCompress, brotliCompressSync, brotliDecompress, brotliDecompressSync, createDeflate, createInflate, createDeflateRaw,
  createInflateRaw, createGzip, createGunzip, createUnzip, createBrotliCompress, createBrotliDecompress, constants, codes,
};
