// @ts-check
/**
 * SubtleCrypto (https://w3c.github.io/webcrypto/#subtlecrypto-interface). All operations are done at once, on the isolate's
 * thread; their results come by promise all the same.
 */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { ArrayPrototypeIndexOf, TypeError } from '../primordials.js';
import { ArrayBufferIsView } from '../primordials/buffers.js';
import {
  configureInterface, converters, createDOMException, createEnumConverter, createNullable, illegalConstructor, privateToken,
  requiredArguments,
} from '../webidl.js';
import { isArrayBuffer } from '../webidl_buffers.js';
import { normalizeAlgorithm, operationsOf, toAlgorithmIdentifier } from './algorithm.js';
import { keySlots, notSupported, requireUsages, settled, toCryptoKey, toKeyUsages } from './key.js';

const toKeyFormat = createEnumConverter('KeyFormat', ['raw', 'spki', 'pkcs8', 'jwk']);
const toLength = createNullable(converters['unsigned long']);

export class SubtleCrypto {
  #brand;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  async encrypt(algorithm, key, data) {
    this.#brand;
    return crypt('encrypt', arguments);
  }

  async decrypt(algorithm, key, data) {
    this.#brand;
    return crypt('decrypt', arguments);
  }

  async sign(algorithm, key, data) {
    this.#brand;
    return crypt('sign', arguments);
  }

  async verify(algorithm, key, signature, data) {
    const prefix = prefixOf('verify');
    this.#brand;
    requiredArguments(arguments.length, 4, prefix);
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 1');
    const slots = keySlots(toCryptoKey(key, prefix, 'Argument 2'));
    converters.BufferSource(signature, prefix, 'Argument 3');
    converters.BufferSource(data, prefix, 'Argument 4');
    const normalized = normalizeAlgorithm(identifier, 'verify', prefix);
    checkKey(normalized, slots, 'verify', prefix);
    return settled(operationsOf(normalized.name).verify(normalized, slots, signature, data));
  }

  async digest(algorithm, data) {
    const prefix = prefixOf('digest');
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 1');
    converters.BufferSource(data, prefix, 'Argument 2');
    return ops.digest(normalizeAlgorithm(identifier, 'digest', prefix).name, data);
  }

  async generateKey(algorithm, extractable, keyUsages) {
    const prefix = prefixOf('generateKey');
    this.#brand;
    requiredArguments(arguments.length, 3, prefix);
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 1');
    const usages = toKeyUsages(keyUsages, prefix, 'Argument 3');
    const normalized = normalizeAlgorithm(identifier, 'generateKey', prefix);
    return operationsOf(normalized.name).generateKey(normalized, !!extractable, usages);
  }

  async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    const prefix = prefixOf('deriveKey');
    this.#brand;
    requiredArguments(arguments.length, 5, prefix);
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 1');
    const slots = keySlots(toCryptoKey(baseKey, prefix, 'Argument 2'));
    const derivedIdentifier = toAlgorithmIdentifier(derivedKeyType, prefix, 'Argument 3');
    const usages = toKeyUsages(keyUsages, prefix, 'Argument 5');
    const normalized = normalizeAlgorithm(identifier, 'deriveBits', prefix);
    const keyAlgorithm = normalizeAlgorithm(derivedIdentifier, 'importKey', prefix);
    const sized = normalizeAlgorithm(derivedIdentifier, 'get key length', prefix);
    checkKey(normalized, slots, 'deriveKey', prefix);
    const length = operationsOf(sized.name).getKeyLength(sized);
    const secret = settled(operationsOf(normalized.name).deriveBits(normalized, slots, length));
    return imported('raw', secret, keyAlgorithm, extractable, usages);
  }

  async deriveBits(algorithm, baseKey, length = null) {
    const prefix = prefixOf('deriveBits');
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 1');
    const slots = keySlots(toCryptoKey(baseKey, prefix, 'Argument 2'));
    const bits = toLength(length, prefix, 'Argument 3');
    const normalized = normalizeAlgorithm(identifier, 'deriveBits', prefix);
    checkKey(normalized, slots, 'deriveBits', prefix);
    return settled(operationsOf(normalized.name).deriveBits(normalized, slots, bits));
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    const prefix = prefixOf('importKey');
    this.#brand;
    requiredArguments(arguments.length, 5, prefix);
    const converted = toKeyFormat(format, prefix, 'Argument 1');
    const isBytes = ArrayBufferIsView(keyData) || isArrayBuffer(keyData);
    const data = isBytes ? keyData : lazy('./crypto/jwk.js').toJsonWebKey(keyData, prefix, 'Argument 2');
    const identifier = toAlgorithmIdentifier(algorithm, prefix, 'Argument 3');
    const usages = toKeyUsages(keyUsages, prefix, 'Argument 5');
    const normalized = normalizeAlgorithm(identifier, 'importKey', prefix);
    if (isBytes === (converted === 'jwk')) throw new TypeError(`${prefix}: Argument 2 does not fit the format '${converted}'.`);
    return imported(converted, data, normalized, extractable, usages);
  }

  async exportKey(format, key) {
    const prefix = prefixOf('exportKey');
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    const converted = toKeyFormat(format, prefix, 'Argument 1');
    const slots = keySlots(toCryptoKey(key, prefix, 'Argument 2'));
    const exported = exportWith(converted, slots, prefix);
    return converted === 'jwk' ? lazy('./crypto/jwk.js').exposedJwk(exported, slots) : exported;
  }

  async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
    const prefix = prefixOf('wrapKey');
    this.#brand;
    requiredArguments(arguments.length, 4, prefix);
    const converted = toKeyFormat(format, prefix, 'Argument 1');
    const slots = keySlots(toCryptoKey(key, prefix, 'Argument 2'));
    const wrapping = keySlots(toCryptoKey(wrappingKey, prefix, 'Argument 3'));
    const identifier = toAlgorithmIdentifier(wrapAlgorithm, prefix, 'Argument 4');
    const normalized = normalizeEither(identifier, 'wrapKey', 'encrypt', prefix);
    checkKey(normalized, wrapping, 'wrapKey', prefix);
    const exported = exportWith(converted, slots, prefix);
    const data = converted === 'jwk' ? lazy('./crypto/jwk.js').serializeJwk(exported, slots) : exported;
    const { wrapKey, encrypt } = operationsOf(normalized.name);
    return settled((wrapKey ?? encrypt)(normalized, wrapping, data));
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
    const prefix = prefixOf('unwrapKey');
    this.#brand;
    requiredArguments(arguments.length, 7, prefix);
    const converted = toKeyFormat(format, prefix, 'Argument 1');
    converters.BufferSource(wrappedKey, prefix, 'Argument 2');
    const unwrapping = keySlots(toCryptoKey(unwrappingKey, prefix, 'Argument 3'));
    const identifier = toAlgorithmIdentifier(unwrapAlgorithm, prefix, 'Argument 4');
    const keyIdentifier = toAlgorithmIdentifier(unwrappedKeyAlgorithm, prefix, 'Argument 5');
    const usages = toKeyUsages(keyUsages, prefix, 'Argument 7');
    const normalized = normalizeEither(identifier, 'unwrapKey', 'decrypt', prefix);
    const keyAlgorithm = normalizeAlgorithm(keyIdentifier, 'importKey', prefix);
    checkKey(normalized, unwrapping, 'unwrapKey', prefix);
    const { unwrapKey, decrypt } = operationsOf(normalized.name);
    const bytes = settled((unwrapKey ?? decrypt)(normalized, unwrapping, wrappedKey));
    const data = converted === 'jwk' ? lazy('./crypto/jwk.js').parseJwk(bytes, prefix) : bytes;
    return imported(converted, data, keyAlgorithm, extractable, usages);
  }

  /** As in Cloudflare Workers: whether two buffers of the same length hold the same, in the same time whatever differs. */
  timingSafeEqual(a, b) {
    const prefix = prefixOf('timingSafeEqual');
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    const equal = ops.timingSafeEqual(converters.BufferSource(a, prefix, 'Argument 1'), converters.BufferSource(b, prefix, 'Argument 2'));
    if (equal === undefined) throw new TypeError(`${prefix}: The buffers must have the same length.`);
    return equal;
  }
}

configureInterface(SubtleCrypto, { length: 0 });

/** The one of `crypto`. */
export function createSubtleCrypto() {
  return new SubtleCrypto(privateToken);
}

const prefixOf = (method) => `Failed to execute '${method}' on 'SubtleCrypto'`;

/** encrypt, decrypt and sign. */
function crypt(operation, parameters) {
  const prefix = prefixOf(operation);
  requiredArguments(parameters.length, 3, prefix);
  const identifier = toAlgorithmIdentifier(parameters[0], prefix, 'Argument 1');
  const slots = keySlots(toCryptoKey(parameters[1], prefix, 'Argument 2'));
  const data = converters.BufferSource(parameters[2], prefix, 'Argument 3');
  const normalized = normalizeAlgorithm(identifier, operation, prefix);
  checkKey(normalized, slots, operation, prefix);
  return settled(operationsOf(normalized.name)[operation](normalized, slots, data));
}

/** Normalizes for the first operation, or when that fails for the second. */
function normalizeEither(identifier, first, second, prefix) {
  try {
    return normalizeAlgorithm(identifier, first, prefix);
  } catch {
    return normalizeAlgorithm(identifier, second, prefix);
  }
}

/** Throws an InvalidAccessError unless the key is of this algorithm and for this usage. */
function checkKey(normalized, slots, usage, prefix) {
  if (normalized.name !== slots.algorithm.name) {
    throw createDOMException(`${prefix}: The key is one of ${slots.algorithm.name}, not of ${normalized.name}.`, 'InvalidAccessError');
  }
  if (ArrayPrototypeIndexOf(slots.usages, usage) === -1) {
    throw createDOMException(`${prefix}: The key is not for the usage '${usage}'.`, 'InvalidAccessError');
  }
}

function imported(format, data, normalized, extractable, usages) {
  const key = operationsOf(normalized.name).importKey(format, data, normalized, !!extractable, usages);
  const slots = keySlots(key);
  if (slots.type !== 'public') requireUsages(slots.usages);
  return key;
}

function exportWith(format, slots, prefix) {
  const { exportKey } = operationsOf(slots.algorithm.name);
  if (exportKey === undefined) throw notSupported(`${prefix}: A key of ${slots.algorithm.name} cannot be exported.`);
  if (!slots.extractable) throw createDOMException(`${prefix}: The key is not extractable.`, 'InvalidAccessError');
  return exportKey(format, slots);
}
