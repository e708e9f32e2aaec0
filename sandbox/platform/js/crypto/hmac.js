// @ts-check
/**
 * HMAC of the Web Cryptography API (https://w3c.github.io/webcrypto/#hmac).
 */

import { ops } from '../ops.js';
import { TypeError } from '../primordials.js';
import { checkAlg } from './jwk.js';
import { checkUsages, createKey, dataError, operationError, requireUsages, settled } from './key.js';
import { exportSecret, importSecret } from './secret.js';

const allowed = ['sign', 'verify'];

/** Bits of the hash function's blocks. */
const blockSize = (hash) => (hash.name === 'SHA-1' || hash.name === 'SHA-256' ? 512 : 1024);

/** The `alg` of a JWK. */
function algOf(hash) {
  switch (hash.name) {
    case 'SHA-1':
      return 'HS1';
    case 'SHA-256':
      return 'HS256';
    case 'SHA-384':
      return 'HS384';
    default:
      return 'HS512';
  }
}

const algorithmOf = (hash, length) => ({ __proto__: null, name: 'HMAC', hash, length });

const hmac = {
  __proto__: null,

  sign(parameters, { algorithm, handle }, data) {
    const state = ops.hashNew(algorithm.hash.name, handle);
    ops.hashUpdate(state, data);
    return ops.hashDigest(state);
  },

  verify(parameters, { algorithm, handle }, signature, data) {
    return ops.hmacVerify(algorithm.hash.name, handle, signature, data);
  },

  generateKey({ hash, length = blockSize(hash) }, extractable, usages) {
    checkUsages(usages, allowed);
    if (length === 0) throw operationError('A key of HMAC must not be empty.');
    requireUsages(usages);
    return createKey('secret', extractable, algorithmOf(hash, length), usages, settled(ops.secretGenerate(length)));
  },

  importKey(format, data, { hash, length }, extractable, usages) {
    checkUsages(usages, allowed);
    const handle = importSecret('HMAC', 'sig', format, data, extractable, usages);
    if (format === 'jwk') checkAlg(data, algOf(hash));
    const bits = ops.secretLength(handle) * 8;
    if (bits === 0) throw dataError('A key of HMAC must not be empty.');
    if (length !== undefined && (length > bits || length <= bits - 8)) throw dataError('The length does not fit the key.');
    return createKey('secret', extractable, algorithmOf(hash, length ?? bits), usages, handle);
  },

  exportKey: (format, { algorithm, handle }) => exportSecret('HMAC', algOf(algorithm.hash), format, handle),

  getKeyLength({ hash, length = blockSize(hash) }) {
    if (length === 0) throw new TypeError('A key of HMAC must not be empty.');
    return length;
  },
};

export const operations = { __proto__: null, HMAC: hmac };
