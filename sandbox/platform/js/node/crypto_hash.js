// @ts-check
/** `Hash` and `Hmac` of `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html#class-hash). */

import { ops } from '../ops.js';
import {
  Error, ObjectSetPrototypeOf, ReflectApply, StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToLowerCase, Symbol,
} from '../primordials.js';
import { ArrayBufferIsView, Uint8Array } from '../primordials/buffers.js';
import { bufferSourceForOp, isArrayBuffer } from '../webidl_buffers.js';
import { adopt } from './buffer_class.js';
import { encodingNumber, UTF8 } from './buffer_encoding.js';
import { keyBytes } from './crypto_keys.js';
import { invalidArgType, plainError } from './errors.js';
import { Transform } from './stream_duplex.js';
import { validateString } from './validators.js';

const kState = Symbol('kState');
const kOptions = Symbol('kOptions');

/** Bytes of an argument: a text in an encoding, or what holds bytes. */
export function toBytes(value, encoding, name = 'data') {
  if (typeof value === 'string') return ops.bufferEncode(value, encodingNumber(encoding === undefined || encoding === 'buffer' ? 'utf8' : encoding) ?? UTF8);
  if (ArrayBufferIsView(value) || isArrayBuffer(value)) return bufferSourceForOp(value);
  throw invalidArgType(name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

/** A result as a Buffer, or as text in an encoding. */
export function fromBytes(bytes, encoding) {
  if (encoding === undefined || encoding === null || encoding === 'buffer') return adopt(bytes);
  const number = encodingNumber(encoding);
  return number === undefined ? adopt(bytes) : ops.bufferDecode(bytes, number, 0, undefined);
}

/** The name by which the native functions know a hash. */
export function hashName(algorithm) {
  let name = StringPrototypeToLowerCase(algorithm);
  if (StringPrototypeStartsWith(name, 'rsa-')) name = StringPrototypeSlice(name, 4);
  if (StringPrototypeStartsWith(name, 'sha-')) name = `sha${StringPrototypeSlice(name, 4)}`;
  if (name === 'sha512/256') return 'sha512-256';
  if (name === 'sha512/224') return 'sha512-224';
  return name;
}

export const hashes = ['md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256'];

const finalized = () => plainError('ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
const unsupported = () => new Error('Digest method not supported');

/** @type {any} */
export function Hash(algorithm, options = undefined) {
  if (!(this instanceof Hash)) return new Hash(algorithm, options);
  if (algorithm !== undefined && algorithm !== null && typeof algorithm === 'object' && algorithm[kState] !== undefined) {
    this[kState] = ops.hashCopy(algorithm[kState]);
    if (this[kState] === undefined) throw finalized();
  } else {
    validateString(algorithm, 'algorithm');
    this[kState] = ops.hashNew(hashName(algorithm));
    if (this[kState] === undefined) throw unsupported();
  }
  this[kOptions] = options;
  ReflectApply(Transform, this, [options]);
}
ObjectSetPrototypeOf(Hash.prototype, Transform.prototype);
ObjectSetPrototypeOf(Hash, Transform);

Hash.prototype.copy = function copy(options = undefined) {
  return new Hash(this, options ?? this[kOptions]);
};

function transform(chunk, encoding, callback) {
  ops.hashUpdate(this[kState], toBytes(chunk, encoding));
  callback();
}

function flush(callback) {
  this.push(adopt(new Uint8Array(ops.hashDigest(this[kState]))));
  callback();
}

function update(data, inputEncoding) {
  if (ops.hashUpdate(this[kState], toBytes(data, inputEncoding)) === undefined) throw finalized();
  return this;
}

Hash.prototype._transform = transform;
Hash.prototype._flush = flush;
Hash.prototype.update = update;
Hash.prototype.digest = function digest(outputEncoding) {
  const result = ops.hashDigest(this[kState]);
  if (result === undefined) throw finalized();
  return fromBytes(new Uint8Array(result), outputEncoding);
};

/** @type {any} */
export function Hmac(algorithm, key, options = undefined) {
  if (!(this instanceof Hmac)) return new Hmac(algorithm, key, options);
  validateString(algorithm, 'hmac');
  const bytes = keyBytes(key, options?.encoding);
  this[kState] = ops.hashNew(hashName(algorithm), bytes);
  if (this[kState] === undefined) throw plainError('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${algorithm}`);
  ReflectApply(Transform, this, [options]);
}
ObjectSetPrototypeOf(Hmac.prototype, Transform.prototype);
ObjectSetPrototypeOf(Hmac, Transform);
Hmac.prototype._transform = transform;
Hmac.prototype._flush = flush;
Hmac.prototype.update = update;
Hmac.prototype.digest = function digest(outputEncoding) {
  // Taken again, it is empty.
  const result = ops.hashDigest(this[kState]);
  return fromBytes(new Uint8Array(result ?? 0), outputEncoding);
};

export function createHash(algorithm, options = undefined) {
  return new Hash(algorithm, options);
}

export function createHmac(hmac, key, options = undefined) {
  return new Hmac(hmac, key, options);
}

export function hash(algorithm, input, outputEncoding = 'hex') {
  validateString(algorithm, 'algorithm');
  return createHash(algorithm).update(input).digest(outputEncoding);
}
