// @ts-check
/**
 * HKDF and PBKDF2 of the Web Cryptography API (https://w3c.github.io/webcrypto/#hkdf, https://w3c.github.io/webcrypto/#pbkdf2).
 */

import { ops } from '../ops.js';
import { checkUsages, createKey, notSupported, operationError } from './key.js';
import { createDOMException } from '../webidl.js';

const createOperations = (name, deriveBits) => ({
  __proto__: null,

  deriveBits(parameters, { handle }, length) {
    if (length === null || length % 8 !== 0) throw operationError('The length must be a multiple of 8 bits.');
    return deriveBits(parameters, handle, length / 8);
  },

  importKey(format, data, normalized, extractable, usages) {
    if (format !== 'raw') throw notSupported(`A key of ${name} has no format '${format}'.`);
    checkUsages(usages, ['deriveKey', 'deriveBits']);
    if (extractable) throw createDOMException(`A key of ${name} is not extractable.`, 'SyntaxError');
    return createKey('secret', false, { __proto__: null, name }, usages, ops.secretImport(data));
  },

  getKeyLength: () => null,
});

export const operations = {
  __proto__: null,
  HKDF: createOperations('HKDF', ({ hash, info, salt }, handle, length) => ops.hkdf(hash.name, handle, salt, info, length)),
  PBKDF2: createOperations('PBKDF2', ({ hash, iterations, salt }, handle, length) => {
    if (iterations === 0) throw operationError('There must be an iteration.');
    return ops.pbkdf2(hash.name, handle, salt, iterations, length);
  }),
};
