// @ts-check
/** Ciphers of `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html#class-cipheriv): AES. */

import { ops } from '../ops.js';
import {
  ArrayPrototypePush, Error, ObjectSetPrototypeOf, ReflectApply, RegExpPrototypeExec, StringPrototypeToLowerCase, Symbol,
} from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { adopt } from './buffer_class.js';
import { fromBytes, toBytes } from './crypto_hash.js';
import { keyBytes } from './crypto_keys.js';
import { invalidArgValue, plainError, rangeError, typeError } from './errors.js';
import { Transform } from './stream_duplex.js';
import { validateString } from './validators.js';

const kState = Symbol('kState');
const pattern = /^(?:id-)?aes-?(128|192|256)-(cbc|ctr|ecb|gcm)$/;

export const ciphers = [];
const sizes = [128, 192, 256];
const modes = ['cbc', 'ctr', 'ecb', 'gcm'];
for (let i = 0; i < sizes.length; i++) for (let j = 0; j < modes.length; j++) ArrayPrototypePush(ciphers, `aes-${sizes[i]}-${modes[j]}`);

export function getCipherInfo(nameOrNid) {
  if (typeof nameOrNid !== 'string') return undefined;
  const match = RegExpPrototypeExec(pattern, StringPrototypeToLowerCase(nameOrNid));
  if (match === null) return undefined;
  const mode = match[2];
  const information = { mode, name: mode === 'gcm' ? `id-aes${match[1]}-GCM` : `aes-${match[1]}-${mode}`, keyLength: +match[1] / 8 };
  if (mode === 'cbc' || mode === 'ecb') information.blockSize = 16;
  if (mode !== 'ecb') information.ivLength = mode === 'gcm' ? 12 : 16;
  return information;
}

function start(self, cipher, key, iv, options, encrypts) {
  validateString(cipher, 'cipher');
  const information = getCipherInfo(cipher);
  if (information === undefined) throw plainError('ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher');
  const bytes = keyBytes(key, 'utf8');
  if (bytes.length !== information.keyLength) throw rangeError('ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
  const { mode } = information;
  const tagLength = tagLengthOf(options, mode);
  if (iv === null && mode !== 'ecb') throw typeError('ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
  const vector = iv === null ? new Uint8Array(0) : toBytes(iv, 'utf8', 'iv');
  const expected = mode === 'ecb' ? 0 : 16;
  if (mode === 'gcm' ? vector.length === 0 : vector.length !== expected) throw typeError('ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
  const native = ops.cipherNew(mode, encrypts, bytes, vector);
  if (typeof native === 'string') throw plainError('ERR_CRYPTO_OPERATION_FAILED', 'The cipher cannot be initialized');
  self[kState] = { native, mode, encrypts, pads: true, tag: undefined, tagLength, over: false };
  ReflectApply(Transform, self, [options]);
}

/** What the author says that it is, which is all that a tag of GCM may then be. */
function tagLengthOf(options, mode) {
  const length = options?.authTagLength ?? undefined;
  if (length === undefined) return undefined;
  if (length !== length >>> 0) throw invalidArgValue('options.authTagLength', length);
  if (mode === 'gcm' && !isTagLength(length)) throw invalidTag(length);
  return length;
}

const isTagLength = (length) => length === 4 || length === 8 || (length >= 12 && length <= 16);
const invalidTag = (length) => typeError('ERR_CRYPTO_INVALID_AUTH_TAG', `Invalid authentication tag length: ${length}`);
const invalidState = (method) => plainError('ERR_CRYPTO_INVALID_STATE', `Invalid state for operation ${method}`);

const methods = {
  __proto__: null,
  update(data, inputEncoding, outputEncoding) {
    const state = this[kState];
    if (state.over) throw new Error('Trying to add data in unsupported state');
    return fromBytes(new Uint8Array(ops.cipherUpdate(state.native, toBytes(data, inputEncoding))), outputEncoding);
  },
  final(outputEncoding) {
    const state = this[kState];
    if (state.over) throw invalidState('final');
    state.over = true;
    const rest = ops.cipherFinish(state.native, state.pads, state.tag);
    if (typeof rest === 'string') {
      if (state.mode === 'gcm') throw new Error('Unsupported state or unable to authenticate data');
      throw plainError(state.encrypts || !state.pads ? 'ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH' : 'ERR_OSSL_BAD_DECRYPT', state.encrypts || !state.pads ? 'error:1C80006B:Provider routines::wrong final block length' : 'error:1C800064:Provider routines::bad decrypt');
    }
    return fromBytes(new Uint8Array(rest), outputEncoding);
  },
  setAutoPadding(autoPadding = true) {
    if (this[kState].over) throw invalidState('setAutoPadding');
    this[kState].pads = !!autoPadding;
    return this;
  },
  setAAD(buffer, options = undefined) {
    if (this[kState].over || ops.cipherAad(this[kState].native, toBytes(buffer, options?.encoding, 'aadbuf')) === false) throw invalidState('setAAD');
    return this;
  },
  getAuthTag() {
    const state = this[kState];
    const tag = state.encrypts && state.over ? ops.cipherTag(state.native) : undefined;
    if (tag === undefined) throw invalidState('getAuthTag');
    return adopt(new Uint8Array(tag)).subarray(0, state.tagLength ?? 16);
  },
  setAuthTag(buffer, encoding = undefined) {
    const state = this[kState];
    if (state.encrypts || state.mode !== 'gcm' || state.tag !== undefined) throw invalidState('setAuthTag');
    const tag = toBytes(buffer, encoding, 'buffer');
    const { length } = tag;
    if (state.tagLength === undefined ? !isTagLength(length) : length !== state.tagLength) throw invalidTag(length);
    state.tag = new Uint8Array(tag);
    return this;
  },
  _transform(chunk, encoding, callback) {
    this.push(this.update(chunk, encoding));
    callback();
  },
  _flush(callback) {
    try {
      this.push(this.final());
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  },
};

/** @type {any} */
export function Cipheriv(cipher, key, iv, options = undefined) {
  if (!(this instanceof Cipheriv)) return new Cipheriv(cipher, key, iv, options);
  start(this, cipher, key, iv, options, true);
}
/** @type {any} */
export function Decipheriv(cipher, key, iv, options = undefined) {
  if (!(this instanceof Decipheriv)) return new Decipheriv(cipher, key, iv, options);
  start(this, cipher, key, iv, options, false);
}

function inherit(Class, without) {
  ObjectSetPrototypeOf(Class.prototype, Transform.prototype);
  ObjectSetPrototypeOf(Class, Transform);
  for (const name in methods) if (name !== without) Class.prototype[name] = methods[name];
}
inherit(Cipheriv, 'setAuthTag');
inherit(Decipheriv, 'getAuthTag');

export const createCipheriv = (cipher, key, iv, options = undefined) => new Cipheriv(cipher, key, iv, options);
export const createDecipheriv = (cipher, key, iv, options = undefined) => new Decipheriv(cipher, key, iv, options);

