// @ts-check
/**
 * Ed25519 and X25519 of the Web Cryptography API (https://w3c.github.io/webcrypto/#ed25519, https://w3c.github.io/webcrypto/#x25519).
 */

import { ops } from '../ops.js';
import { deriveBits } from './agreement.js';
import { checkJwk, requireMembers } from './jwk.js';
import { checkUsages, createKey, dataError, requireType, requireUsages, settled, usagesIntersection } from './key.js';

/** What both have in common; `use` is that of a JWK. */
function createOperations(name, publicUsages, privateUsages, allowed, use) {
  const create = (type, handle, extractable, usages) => createKey(type, extractable, { __proto__: null, name }, usages, handle);

  return {
    __proto__: null,

    generateKey(parameters, extractable, usages) {
      checkUsages(usages, allowed);
      const privateOnes = usagesIntersection(usages, privateUsages);
      requireUsages(privateOnes);
      const pair = settled(ops.okpGenerate(name));
      return {
        privateKey: create('private', pair[1], extractable, privateOnes),
        publicKey: create('public', pair[0], true, usagesIntersection(usages, publicUsages)),
      };
    },

    importKey(format, data, parameters, extractable, usages) {
      const isPrivate = format === 'jwk' ? data.d !== undefined : format === 'pkcs8';
      checkUsages(usages, isPrivate ? privateUsages : publicUsages);
      let handle;
      if (format === 'jwk') {
        checkJwk(data, 'OKP', use, extractable, usages);
        if (data.crv !== name) throw dataError(`The JWK's 'crv' is not '${name}'.`);
        if (name === 'Ed25519' && data.alg !== undefined && data.alg !== 'EdDSA' && data.alg !== 'Ed25519') {
          throw dataError("The JWK's 'alg' is neither 'EdDSA' nor 'Ed25519'.");
        }
        requireMembers(data, ['x']);
        handle = settled(ops.okpImportJwk(name, data.x, data.d));
      } else {
        handle = settled(ops.okpImport(name, format, data));
      }
      return create(isPrivate ? 'private' : 'public', handle, extractable, usages);
    },

    exportKey(format, slots) {
      if (format === 'jwk') {
        const parts = ops.okpExportJwk(slots.handle);
        return { __proto__: null, kty: 'OKP', crv: name, x: parts[0], d: slots.type === 'private' ? parts[1] : undefined };
      }
      requireType(slots, format === 'pkcs8' ? 'private' : 'public');
      return settled(ops.okpExport(format, slots.handle));
    },
  };
}

export const operations = {
  __proto__: null,
  Ed25519: {
    __proto__: null,
    ...createOperations('Ed25519', ['verify'], ['sign'], ['sign', 'verify'], 'sig'),
    sign(parameters, slots, data) {
      requireType(slots, 'private');
      return ops.ed25519Sign(slots.handle, data);
    },
    verify(parameters, slots, signature, data) {
      requireType(slots, 'public');
      return ops.ed25519Verify(slots.handle, signature, data);
    },
  },
  X25519: {
    __proto__: null,
    ...createOperations('X25519', [], ['deriveKey', 'deriveBits'], ['deriveKey', 'deriveBits'], 'enc'),
    deriveBits: (parameters, slots, length) => deriveBits(parameters, slots, length, ops.x25519Derive),
  },
};
