// @ts-check
/**
 * AES-CTR, AES-CBC, AES-GCM and AES-KW of the Web Cryptography API (https://w3c.github.io/webcrypto/#aes-ctr and what follows).
 */

import { ops } from '../ops.js';
import { ArrayPrototypeIndexOf } from '../primordials.js';
import { TypedArrayPrototypeGetLength } from '../primordials/buffers.js';
import { checkAlg } from './jwk.js';
import { checkUsages, createKey, dataError, operationError, requireUsages, settled } from './key.js';
import { exportSecret, importSecret } from './secret.js';

/** What all of them have in common. `suffix` ends the `alg` of a JWK. */
function createOperations(name, suffix, allowed) {
  return {
    __proto__: null,

    generateKey({ length }, extractable, usages) {
      checkUsages(usages, allowed);
      checkLength(length);
      requireUsages(usages);
      return createKey('secret', extractable, algorithmOf(name, length), usages, settled(ops.secretGenerate(length)));
    },

    importKey(format, data, normalized, extractable, usages) {
      checkUsages(usages, allowed);
      const handle = importSecret(name, 'enc', format, data, extractable, usages);
      const length = ops.secretLength(handle) * 8;
      if (length !== 128 && length !== 192 && length !== 256) throw dataError('A key of AES must have 128, 192 or 256 bits.');
      if (format === 'jwk') checkAlg(data, `A${length}${suffix}`);
      return createKey('secret', extractable, algorithmOf(name, length), usages, handle);
    },

    exportKey: (format, { algorithm, handle }) => exportSecret(name, `A${algorithm.length}${suffix}`, format, handle),

    getKeyLength({ length }) {
      checkLength(length);
      return length;
    },
  };
}

const algorithmOf = (name, length) => ({ __proto__: null, name, length });

function checkLength(length) {
  if (length !== 128 && length !== 192 && length !== 256) throw operationError('A key of AES must have 128, 192 or 256 bits.');
}

const cipherUsages = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const tagLengths = [32, 64, 96, 104, 112, 120, 128];

function checkBlock(bytes, what) {
  if (TypedArrayPrototypeGetLength(bytes) !== 16) throw operationError(`${what} must have 16 bytes.`);
}

function ctr(encrypts, { counter, length }, { handle }, data) {
  checkBlock(counter, 'The counter');
  if (length === 0 || length > 128) throw operationError("The counter's length must be 1 to 128 bits.");
  return ops.aesCrypt('ctr', encrypts, handle, counter, data, length);
}

function cbc(encrypts, { iv }, { handle }, data) {
  checkBlock(iv, 'The initialization vector');
  return ops.aesCrypt('cbc', encrypts, handle, iv, data);
}

function gcm(encrypts, { additionalData, iv, tagLength = 128 }, { handle }, data) {
  if (ArrayPrototypeIndexOf(tagLengths, tagLength) === -1) throw operationError(`A tag of ${tagLength} bits is not allowed.`);
  return ops.aesCrypt('gcm', encrypts, handle, iv, data, tagLength, additionalData);
}

const withMode = (operations, mode) => ({
  __proto__: null,
  ...operations,
  encrypt: (parameters, slots, data) => mode(true, parameters, slots, data),
  decrypt: (parameters, slots, data) => mode(false, parameters, slots, data),
});

export const operations = {
  __proto__: null,
  'AES-CTR': withMode(createOperations('AES-CTR', 'CTR', cipherUsages), ctr),
  'AES-CBC': withMode(createOperations('AES-CBC', 'CBC', cipherUsages), cbc),
  'AES-GCM': withMode(createOperations('AES-GCM', 'GCM', cipherUsages), gcm),
  'AES-KW': {
    __proto__: null,
    ...createOperations('AES-KW', 'KW', ['wrapKey', 'unwrapKey']),
    wrapKey: (parameters, { handle }, data) => ops.aesWrap(handle, data),
    unwrapKey: (parameters, { handle }, data) => ops.aesUnwrap(handle, data),
  },
};
