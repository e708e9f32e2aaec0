// @ts-check
/** Signatures of `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html#class-sign). */

import { ops } from '../ops.js';
import { ArrayPrototypePush, ObjectSetPrototypeOf, ReflectApply, Symbol } from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { MathCeil } from '../primordials/math.js';
import { Buffer } from './buffer_class.js';
import { fromBytes, hashName, toBytes } from './crypto_hash.js';
import { signingKey } from './crypto_keys.js';
import { plainError } from './errors.js';
import { Writable } from './stream_writable.js';
import { nextTick } from './ticks.js';
import { validateString } from './validators.js';

const hashLengths = { __proto__: null, md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64, 'sha512-224': 28, 'sha512-256': 32 };
const PSS = 6;

function checked(result) {
  if (typeof result === 'string') throw plainError('ERR_CRYPTO_OPERATION_FAILED', 'The operation failed');
  return result;
}

function rsaScheme({ padding, saltLength }, hash, isSigning, key) {
  if (padding === undefined || padding === 1) return { scheme: 'pkcs1', salt: 0 };
  if (padding !== PSS) throw plainError('ERR_OSSL_RSA_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE', 'illegal or unsupported padding mode');
  const most = MathCeil((ops.rsaDescribe(key.handle)[0] - 1) / 8) - hashLengths[hash] - 2;
  if (saltLength === undefined || saltLength === -2) return { scheme: 'pss', salt: isSigning || saltLength === undefined ? most : hashLengths[hash] };
  return { scheme: 'pss', salt: saltLength === -1 ? hashLengths[hash] : saltLength };
}

export function signOnce(algorithm, data, given) {
  const { key, options } = signingKey(given, 'private');
  if (key.kind === 'ed25519') return new Uint8Array(checked(ops.ed25519Sign(key.handle, data)));
  const hash = hashName(algorithm ?? 'sha256');
  if (key.kind === 'ec') return new Uint8Array(checked(ops.ecSign(key.handle, hash, data, options.dsaEncoding !== 'ieee-p1363')));
  if (key.kind !== 'rsa') throw plainError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', 'This key cannot sign');
  const { scheme, salt } = rsaScheme(options, hash, true, key);
  return new Uint8Array(checked(ops.rsaSign(key.handle, scheme, hash, salt, data)));
}

export function verifyOnce(algorithm, data, given, signature) {
  const { key, options } = signingKey(given, 'public');
  if (key.kind === 'ed25519') return ops.ed25519Verify(key.handle, signature, data) === true;
  const hash = hashName(algorithm ?? 'sha256');
  if (key.kind === 'ec') return ops.ecVerify(key.handle, hash, signature, data, options.dsaEncoding !== 'ieee-p1363') === true;
  if (key.kind !== 'rsa') throw plainError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', 'This key cannot verify');
  const { scheme, salt } = rsaScheme(options, hash, false, key);
  return ops.rsaVerify(key.handle, scheme, hash, salt, signature, data) === true;
}

const kChunks = Symbol('kChunks');
const kAlgorithm = Symbol('kAlgorithm');

function start(stream, algorithm, options) {
  validateString(algorithm, 'algorithm');
  if (hashLengths[hashName(algorithm)] === undefined) throw plainError('ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${algorithm}`);
  stream[kAlgorithm] = algorithm;
  stream[kChunks] = [];
  ReflectApply(Writable, stream, [options]);
}

function update(data, encoding) {
  ArrayPrototypePush(this[kChunks], Buffer.from(toBytes(data, encoding)));
  return this;
}

function write(chunk, encoding, callback) {
  this.update(chunk, encoding);
  callback();
}

/** @type {any} */
export function Sign(algorithm, options = undefined) {
  if (!(this instanceof Sign)) return new Sign(algorithm, options);
  start(this, algorithm, options);
}
ObjectSetPrototypeOf(Sign.prototype, Writable.prototype);
ObjectSetPrototypeOf(Sign, Writable);
Sign.prototype._write = write;
Sign.prototype.update = update;
Sign.prototype.sign = function sign(privateKey, outputEncoding) {
  return fromBytes(signOnce(this[kAlgorithm], Buffer.concat(this[kChunks]), privateKey), outputEncoding);
};

/** @type {any} */
export function Verify(algorithm, options = undefined) {
  if (!(this instanceof Verify)) return new Verify(algorithm, options);
  start(this, algorithm, options);
}
ObjectSetPrototypeOf(Verify.prototype, Writable.prototype);
ObjectSetPrototypeOf(Verify, Writable);
Verify.prototype._write = write;
Verify.prototype.update = update;
Verify.prototype.verify = function verify(key, signature, signatureEncoding) {
  return verifyOnce(this[kAlgorithm], Buffer.concat(this[kChunks]), key, toBytes(signature, signatureEncoding, 'signature'));
};

export const createSign = (algorithm, options = undefined) => new Sign(algorithm, options);
export const createVerify = (algorithm, options = undefined) => new Verify(algorithm, options);

export function sign(algorithm, data, key, callback = undefined) {
  if (typeof callback !== 'function') return fromBytes(signOnce(algorithm ?? undefined, toBytes(data), key), undefined);
  return later(callback, () => fromBytes(signOnce(algorithm ?? undefined, toBytes(data), key), undefined));
}

export function verify(algorithm, data, key, signature, callback = undefined) {
  if (typeof callback !== 'function') return verifyOnce(algorithm ?? undefined, toBytes(data), key, toBytes(signature));
  return later(callback, () => verifyOnce(algorithm ?? undefined, toBytes(data), key, toBytes(signature)));
}

/** Calls `callback(error, result)` when the code that runs has returned. */
export function later(callback, work) {
  let result;
  try {
    result = work();
  } catch (error) {
    nextTick(callback, error);
    return;
  }
  nextTick(callback, null, result);
}

