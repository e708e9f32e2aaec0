// @ts-check
/**
 * RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP of the Web Cryptography API
 * (https://w3c.github.io/webcrypto/#rsassa-pkcs1 and what follows). A modulus has 1024 to 8192 bits; a public exponent is
 * odd and at most 2³³ - 1.
 */

import { ops } from '../ops.js';
import { StringPrototypeSlice } from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { checkAlg, checkJwk, requireMembers } from './jwk.js';
import { checkUsages, createKey, notSupported, requireType, requireUsages, settled, usagesIntersection } from './key.js';

const noLabel = new Uint8Array(0);

/** What all of them have in common. `algOf` makes the `alg` of a JWK from the name of its hash; `use` is the JWK's. */
function createOperations(name, allowed, publicUsages, privateUsages, use, algOf) {
  const describe = (handle, hash) => {
    const description = ops.rsaDescribe(handle);
    return { __proto__: null, name, modulusLength: description[0], publicExponent: description[1], hash };
  };
  const create = (type, handle, hash, extractable, usages) => createKey(type, extractable, describe(handle, hash), usages, handle);

  return {
    __proto__: null,

    generateKey({ modulusLength, publicExponent, hash }, extractable, usages) {
      checkUsages(usages, allowed);
      const privateOnes = usagesIntersection(usages, privateUsages);
      // What would be refused anyway is not computed, but a wrong parameter comes first.
      settled(ops.rsaCheck(modulusLength, publicExponent));
      requireUsages(privateOnes);
      const pair = settled(ops.rsaGenerate(modulusLength, publicExponent));
      return {
        privateKey: create('private', pair[1], hash, extractable, privateOnes),
        publicKey: create('public', pair[0], hash, true, usagesIntersection(usages, publicUsages)),
      };
    },

    importKey(format, data, { hash }, extractable, usages) {
      if (format === 'raw') throw notSupported(`A key of ${name} has no format 'raw'.`);
      const isPrivate = format === 'jwk' ? data.d !== undefined : format === 'pkcs8';
      checkUsages(usages, isPrivate ? privateUsages : publicUsages);
      let handle;
      if (format === 'jwk') {
        checkJwk(data, 'RSA', use, extractable, usages);
        checkAlg(data, algOf(hash));
        requireMembers(data, isPrivate ? ['n', 'e', 'p', 'q', 'dp', 'dq', 'qi'] : ['n', 'e']);
        handle = settled(ops.rsaImportJwk(data.n, data.e, data.d, data.p, data.q, data.dp, data.dq, data.qi));
      } else {
        handle = settled(ops.rsaImport(format, data));
      }
      return create(isPrivate ? 'private' : 'public', handle, hash, extractable, usages);
    },

    exportKey(format, slots) {
      const { algorithm, handle } = slots;
      if (format === 'jwk') {
        const parts = ops.rsaExportJwk(handle);
        const jwk = { __proto__: null, kty: 'RSA', alg: algOf(algorithm.hash), n: parts[0], e: parts[1] };
        if (slots.type !== 'private') return jwk;
        return { __proto__: null, ...jwk, d: parts[2], p: parts[3], q: parts[4], dp: parts[5], dq: parts[6], qi: parts[7] };
      }
      if (format === 'raw') throw notSupported(`A key of ${name} has no format 'raw'.`);
      requireType(slots, format === 'spki' ? 'public' : 'private');
      return settled(ops.rsaExport(format, handle));
    },
  };
}

/** The digits behind `SHA-`. */
const digitsOf = (hash) => StringPrototypeSlice(hash.name, 4);

const signing = (scheme, saltLengthOf) => ({
  __proto__: null,
  sign(parameters, slots, data) {
    requireType(slots, 'private');
    return ops.rsaSign(slots.handle, scheme, slots.algorithm.hash.name, saltLengthOf(parameters), data);
  },
  verify(parameters, slots, signature, data) {
    requireType(slots, 'public');
    return ops.rsaVerify(slots.handle, scheme, slots.algorithm.hash.name, saltLengthOf(parameters), signature, data);
  },
});

const encrypting = {
  __proto__: null,
  encrypt({ label = noLabel }, slots, data) {
    requireType(slots, 'public');
    return ops.rsaEncrypt(slots.handle, slots.algorithm.hash.name, label, data);
  },
  decrypt({ label = noLabel }, slots, data) {
    requireType(slots, 'private');
    return ops.rsaDecrypt(slots.handle, slots.algorithm.hash.name, label, data);
  },
};

const signer = (name, letters) => createOperations(name, ['sign', 'verify'], ['verify'], ['sign'], 'sig', (hash) => `${letters}${digitsOf(hash)}`);
const oaepAlgOf = (hash) => (hash.name === 'SHA-1' ? 'RSA-OAEP' : `RSA-OAEP-${digitsOf(hash)}`);
const oaepUsages = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];

export const operations = {
  __proto__: null,
  'RSASSA-PKCS1-v1_5': { __proto__: null, ...signer('RSASSA-PKCS1-v1_5', 'RS'), ...signing('pkcs1', () => 0) },
  'RSA-PSS': { __proto__: null, ...signer('RSA-PSS', 'PS'), ...signing('pss', ({ saltLength }) => saltLength) },
  'RSA-OAEP': {
    __proto__: null,
    ...createOperations('RSA-OAEP', oaepUsages, ['encrypt', 'wrapKey'], ['decrypt', 'unwrapKey'], 'enc', oaepAlgOf),
    ...encrypting,
  },
};
