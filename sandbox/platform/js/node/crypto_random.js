// @ts-check
/** Random values and derived keys of `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html#cryptorandombytessize-callback). */

import { ops } from '../ops.js';
import { NumberIsSafeInteger } from '../primordials.js';
import { ArrayBufferIsView, Uint8Array } from '../primordials/buffers.js';
import { bufferSourceBytes, isArrayBuffer } from '../webidl_buffers.js';
import { adopt, Buffer } from './buffer_class.js';
import { hashName, hashes, toBytes } from './crypto_hash.js';
import { keyBytes } from './crypto_keys.js';
import { later } from './crypto_sign.js';
import { invalidArgType, outOfRange, plainError, rangeError, typeError } from './errors.js';
import { validateFunction, validateInteger, validateNumber, validateString } from './validators.js';

export function randomBytes(size, callback = undefined) {
  validateNumber(size, 'size', 0, 2 ** 31 - 1);
  if (callback !== undefined) validateFunction(callback, 'callback');
  const make = () => {
    const buffer = Buffer.alloc(size);
    ops.randomFill(buffer);
    return buffer;
  };
  return callback === undefined ? make() : later(callback, make);
}
export { randomBytes as pseudoRandomBytes, randomBytes as prng, randomBytes as rng };

export function randomFillSync(buffer, offset = 0, size = undefined) {
  if (!ArrayBufferIsView(buffer) && !isArrayBuffer(buffer)) throw invalidArgType('buf', ['ArrayBuffer', 'ArrayBufferView'], buffer);
  const bytes = bufferSourceBytes(buffer);
  const scale = buffer.BYTES_PER_ELEMENT ?? 1;
  validateInteger(offset, 'offset', 0, bytes.length / scale);
  const start = offset * scale;
  const count = size === undefined ? bytes.length - start : size * scale;
  validateInteger(count, 'size', 0, 2 ** 31 - 1);
  if (start + count > bytes.length) throw outOfRange('size + offset', `<= ${bytes.length}`, start + count);
  ops.randomFill(new Uint8Array(bytes.buffer, bytes.byteOffset + start, count));
  return buffer;
}

export function randomFill(buffer, offset, size, callback) {
  if (typeof offset === 'function') [callback, offset, size] = [offset, 0, undefined];
  else if (typeof size === 'function') [callback, size] = [size, undefined];
  validateFunction(callback, 'callback');
  later(callback, () => randomFillSync(buffer, offset, size));
}

export function randomInt(min, max, callback = undefined) {
  if (max === undefined || typeof max === 'function') [callback, max, min] = [max, min, 0];
  if (!NumberIsSafeInteger(min)) throw invalidArgType('min', 'a safe integer', min);
  if (!NumberIsSafeInteger(max)) throw invalidArgType('max', 'a safe integer', max);
  if (max <= min) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= 2 ** 48 - 1)) throw outOfRange(min === 0 ? 'max' : 'max - min', `<= ${2 ** 48 - 1}`, range);
  const make = () => {
    // Values of the last, incomplete round would make some likelier.
    const limit = 2 ** 48 - (2 ** 48 % range);
    const bytes = new Uint8Array(6);
    for (;;) {
      ops.randomFill(bytes);
      let value = 0;
      for (let i = 0; i < 6; i++) value = value * 256 + bytes[i];
      if (value < limit) return (value % range) + min;
    }
  };
  return callback === undefined ? make() : later(callback, make);
}

export function randomUUID(_options = undefined) {
  return ops.randomUUID();
}

export function timingSafeEqual(buf1, buf2) {
  if (!ArrayBufferIsView(buf1) && !isArrayBuffer(buf1)) throw invalidArgType('buf1', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], buf1);
  if (!ArrayBufferIsView(buf2) && !isArrayBuffer(buf2)) throw invalidArgType('buf2', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], buf2);
  const equal = ops.timingSafeEqual(bufferSourceBytes(buf1), bufferSourceBytes(buf2));
  if (equal === undefined) throw rangeError('ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  return equal;
}

function knownHash(digest) {
  validateString(digest, 'digest');
  const name = hashName(digest);
  for (let i = 0; i < hashes.length; i++) if (hashes[i] === name) return name;
  throw typeError('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${digest}`);
}

function derived(result) {
  if (typeof result === 'string') throw plainError('ERR_CRYPTO_OPERATION_FAILED', 'The key cannot be derived: the parameters are out of bounds');
  return new Uint8Array(result);
}

export function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  const hash = knownHash(digest);
  const secret = toBytes(password, 'utf8', 'password');
  const salted = toBytes(salt, 'utf8', 'salt');
  validateInteger(iterations, 'iterations', 1, 2 ** 31 - 1);
  validateInteger(keylen, 'keylen', 0, 2 ** 31 - 1);
  return adopt(derived(ops.pbkdf2(hash, ops.secretImport(secret), salted, iterations, keylen)));
}

export function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') throw invalidArgType('digest', 'string', undefined);
  validateFunction(callback, 'callback');
  knownHash(digest);
  later(callback, () => pbkdf2Sync(password, salt, iterations, keylen, digest));
}

export function hkdfSync(digest, ikm, salt, info, keylen) {
  const parameters = hkdfParameters(digest, ikm, salt, info, keylen);
  return derived(ops.hkdf(parameters.hash, ops.secretImport(parameters.key), parameters.salt, parameters.info, keylen)).buffer;
}

const sizes = { __proto__: null, md5: 16, ripemd160: 20, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64, 'sha512-224': 28, 'sha512-256': 32 };

function hkdfParameters(digest, ikm, salt, info, keylen) {
  const hash = knownHash(digest);
  const key = keyBytes(ikm);
  const saltBytes = toBytes(salt, 'utf8', 'salt');
  const infoBytes = toBytes(info, 'utf8', 'info');
  validateInteger(keylen, 'length', 0, 2 ** 32);
  if (infoBytes.length > 1024) throw outOfRange('info', 'must not contain more than 1024 bytes', infoBytes.length);
  if (keylen > 255 * sizes[hash]) throw rangeError('ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
  return { hash, key, salt: saltBytes, info: infoBytes };
}

export function hkdf(digest, ikm, salt, info, keylen, callback) {
  validateFunction(callback, 'callback');
  hkdfParameters(digest, ikm, salt, info, keylen);
  later(callback, () => hkdfSync(digest, ikm, salt, info, keylen));
}

export function scryptSync(password, salt, keylen, options = undefined) {
  const cost = options?.cost ?? options?.N ?? 16384;
  const blockSize = options?.blockSize ?? options?.r ?? 8;
  const parallelization = options?.parallelization ?? options?.p ?? 1;
  const maxmem = options?.maxmem ?? 32 * 1024 * 1024;
  validateInteger(keylen, 'keylen', 0, 2 ** 31 - 1);
  if (cost < 2 || (cost & (cost - 1)) !== 0 || 128 * cost * blockSize > maxmem) throw rangeError('ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params');
  const secret = ops.secretImport(toBytes(password, 'utf8', 'password'));
  return adopt(derived(ops.scrypt(secret, toBytes(salt, 'utf8', 'salt'), cost, blockSize, parallelization, keylen)));
}

export function scrypt(password, salt, keylen, options, callback = undefined) {
  if (typeof options === 'function') [callback, options] = [options, undefined];
  validateFunction(callback, 'callback');
  later(callback, () => scryptSync(password, salt, keylen, options));
}
