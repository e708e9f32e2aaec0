// @ts-check
/**
 * JsonWebKey (https://w3c.github.io/webcrypto/#JsonWebKey-dictionary). Inside, a JWK is an object without prototype.
 */

import { ops } from '../ops.js';
import { ArrayIsArray, ArrayPrototypeIndexOf, ArrayPrototypePush, ObjectSetPrototypeOf } from '../primordials.js';
import { JSONParse, JSONStringify } from '../primordials/json.js';
import { converters, createDictionaryConverter, createSequenceConverter } from '../webidl.js';
import { dataError, notSupported, usagesIntersection } from './key.js';

/** The members that are strings, in the order of the dictionary; `key_ops` and `ext` stand between them. */
const strings = ['alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi', 'use', 'x', 'y'];

const string = (key) => ({ __proto__: null, key, converter: converters.DOMString });
const toRsaOtherPrimesInfo = createDictionaryConverter('RsaOtherPrimesInfo', [string('r'), string('d'), string('t')]);
const toStrings = createSequenceConverter(converters.DOMString);

function members() {
  const result = [
    { __proto__: null, key: 'key_ops', converter: toStrings },
    { __proto__: null, key: 'ext', converter: converters.boolean },
    { __proto__: null, key: 'oth', converter: createSequenceConverter(toRsaOtherPrimesInfo) },
  ];
  for (let i = 0; i < strings.length; i++) ArrayPrototypePush(result, string(strings[i]));
  return result;
}

export const toJsonWebKey = createDictionaryConverter('JsonWebKey', members());

/**
 * What all imports of a JWK check: its type, its use (`enc` or `sig`) and operations against the usages, whether it may be extracted.
 * A key without a `use` of its own kind in the specification passes undefined.
 */
export function checkJwk(jwk, kty, use, extractable, usages) {
  if (jwk.kty !== kty) throw dataError(`The JWK's 'kty' is not '${kty}'.`);
  if (use !== undefined && usages.length > 0 && jwk.use !== undefined && jwk.use !== use) throw dataError(`The JWK's 'use' is not '${use}'.`);
  if (jwk.key_ops !== undefined) checkOperations(jwk.key_ops, usages);
  if (jwk.ext === false && extractable) throw dataError("The JWK's 'ext' does not let it be extractable.");
  if (jwk.oth !== undefined) throw notSupported('RSA keys of more than two primes are not supported.');
}

function checkOperations(operations, usages) {
  for (let i = 0; i < operations.length; i++) {
    if (ArrayPrototypeIndexOf(operations, operations[i], i + 1) !== -1) throw dataError("The JWK's 'key_ops' has duplicates.");
  }
  for (let i = 0; i < usages.length; i++) {
    if (ArrayPrototypeIndexOf(operations, usages[i]) === -1) throw dataError(`The JWK's 'key_ops' lacks '${usages[i]}'.`);
  }
}

/** Throws a DataError unless the JWK has all these members. */
export function requireMembers(jwk, names) {
  for (let i = 0; i < names.length; i++) {
    if (jwk[names[i]] === undefined) throw dataError(`The JWK has no '${names[i]}'.`);
  }
}

/** Throws a DataError if the JWK has an `alg` that is not this one. */
export function checkAlg(jwk, alg) {
  if (jwk.alg !== undefined && jwk.alg !== alg) throw dataError(`The JWK's 'alg' is not '${alg}'.`);
}

/** A JWK as an object of the language. */
export function exposedJwk(jwk, slots) {
  return fill({}, jwk, slots);
}

function fill(result, jwk, slots) {
  for (let i = 0; i < strings.length; i++) {
    const name = strings[i];
    if (name === 'k') {
      result.ext = slots.extractable;
      if (jwk.k !== undefined) result.k = jwk.k;
      result.key_ops = usagesIntersection(slots.usages, slots.usages);
    } else if (jwk[name] !== undefined) {
      result[name] = jwk[name];
    }
  }
  return result;
}

/** The JSON of a JWK, in UTF-8. It is made as in a realm of its own: a `toJSON` of a tenant's is not seen. */
export function serializeJwk(jwk, slots) {
  const object = fill({ __proto__: null }, jwk, slots);
  ObjectSetPrototypeOf(object.key_ops, null);
  return ops.utf8Encode(JSONStringify(object));
}

/** "Parse a JWK": also as in a realm of its own. */
export function parseJwk(bytes, prefix) {
  let parsed;
  try {
    parsed = JSONParse(ops.utf8Decode(bytes, false));
  } catch {
    throw dataError(`${prefix}: The key is no JSON.`);
  }
  if (typeof parsed !== 'object' || parsed === null || ArrayIsArray(parsed)) throw dataError(`${prefix}: The key is no JWK.`);
  ObjectSetPrototypeOf(parsed, null);
  const { key_ops: operations } = parsed;
  parsed.key_ops = undefined;
  const jwk = toJsonWebKey(parsed, prefix, 'The key');
  if (ArrayIsArray(operations)) {
    jwk.key_ops = [];
    for (let i = 0; i < operations.length; i++) ArrayPrototypePush(jwk.key_ops, converters.DOMString(operations[i], prefix, 'The key'));
  }
  if (jwk.kty === undefined) throw dataError(`${prefix}: The key is no JWK.`);
  return jwk;
}
