// @ts-check
/**
 * ECDSA and ECDH of the Web Cryptography API (https://w3c.github.io/webcrypto/#ecdsa, https://w3c.github.io/webcrypto/#ecdh).
 */

import { ops } from '../ops.js';
import { deriveBits } from './agreement.js';
import { checkAlg, checkJwk, requireMembers } from './jwk.js';
import { checkUsages, createKey, dataError, notSupported, requireType, requireUsages, settled, usagesIntersection } from './key.js';

/** The `alg` of a JWK of ECDSA, of a curve; undefined if there is no such curve. */
function algOf(namedCurve) {
  switch (namedCurve) {
    case 'P-256':
      return 'ES256';
    case 'P-384':
      return 'ES384';
    case 'P-521':
      return 'ES512';
    default:
      return undefined;
  }
}

/** What both have in common; `use` is that of a JWK. */
function createOperations(name, publicUsages, privateUsages, allowed, use) {
  const create = (type, handle, namedCurve, extractable, usages) =>
    createKey(type, extractable, { __proto__: null, name, namedCurve }, usages, handle);

  return {
    __proto__: null,

    generateKey({ namedCurve }, extractable, usages) {
      checkUsages(usages, allowed);
      if (algOf(namedCurve) === undefined) throw notSupported(`There is no curve '${namedCurve}'.`);
      const privateOnes = usagesIntersection(usages, privateUsages);
      requireUsages(privateOnes);
      const pair = settled(ops.ecGenerate(namedCurve));
      return {
        privateKey: create('private', pair[1], namedCurve, extractable, privateOnes),
        publicKey: create('public', pair[0], namedCurve, true, usagesIntersection(usages, publicUsages)),
      };
    },

    importKey(format, data, { namedCurve }, extractable, usages) {
      const isPrivate = format === 'jwk' ? data.d !== undefined : format === 'pkcs8';
      checkUsages(usages, isPrivate ? privateUsages : publicUsages);
      if (algOf(namedCurve) === undefined) throw dataError(`There is no curve '${namedCurve}'.`);
      let handle;
      if (format === 'jwk') {
        checkJwk(data, 'EC', use, extractable, usages);
        if (data.crv !== namedCurve) throw dataError(`The JWK's 'crv' is not '${namedCurve}'.`);
        if (name === 'ECDSA') checkAlg(data, algOf(namedCurve));
        requireMembers(data, ['x', 'y']);
        handle = settled(ops.ecImportJwk(namedCurve, data.x, data.y, data.d));
      } else {
        handle = settled(ops.ecImport(namedCurve, format, data));
      }
      return create(isPrivate ? 'private' : 'public', handle, namedCurve, extractable, usages);
    },

    exportKey(format, slots) {
      if (format === 'jwk') {
        const parts = ops.ecExportJwk(slots.handle);
        return { __proto__: null, kty: 'EC', crv: slots.algorithm.namedCurve, x: parts[0], y: parts[1], d: slots.type === 'private' ? parts[2] : undefined };
      }
      requireType(slots, format === 'pkcs8' ? 'private' : 'public');
      return settled(ops.ecExport(format, slots.handle));
    },
  };
}

export const operations = {
  __proto__: null,
  ECDSA: {
    __proto__: null,
    ...createOperations('ECDSA', ['verify'], ['sign'], ['sign', 'verify'], 'sig'),
    sign({ hash }, slots, data) {
      requireType(slots, 'private');
      return ops.ecSign(slots.handle, hash.name, data);
    },
    verify({ hash }, slots, signature, data) {
      requireType(slots, 'public');
      return ops.ecVerify(slots.handle, hash.name, signature, data);
    },
  },
  ECDH: {
    __proto__: null,
    ...createOperations('ECDH', [], ['deriveKey', 'deriveBits'], ['deriveKey', 'deriveBits'], 'enc'),
    deriveBits: (parameters, slots, length) => deriveBits(parameters, slots, length, ops.ecDerive),
  },
};
