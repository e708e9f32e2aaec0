// @ts-check
/**
 * CryptoKey (https://w3c.github.io/webcrypto/#cryptokey-interface). The key itself is native and never a JavaScript value.
 */

import { ArrayPrototypeIndexOf, ArrayPrototypePush } from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { registerSerializable } from '../serializable.js';
import { configureInterface, createDOMException, createEnumConverter, createInterfaceConverter, createSequenceConverter, illegalConstructor, privateToken } from '../webidl.js';

/** The recognized key usage values, in their order. */
const recognized = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];

/** @type {(value: any) => boolean} */
export let isCryptoKey;
/** The internal slots of a key: `{ type, extractable, algorithm, usages, handle }`. @type {(key: any) => any} */
export let keySlots;

export class CryptoKey {
  /** Without prototype, as are the algorithm and its hash in it. */
  #slots;
  /** What tenants see of `algorithm` and `usages`, once somebody has looked: theirs to change. */
  #algorithm;
  #usages;

  static {
    isCryptoKey = (value) => typeof value === 'object' && value !== null && #slots in value;
    keySlots = (key) => key.#slots;
  }

  constructor(token, slots) {
    if (token !== privateToken) illegalConstructor();
    this.#slots = slots;
  }

  get type() {
    return this.#slots.type;
  }

  get extractable() {
    return this.#slots.extractable;
  }

  get algorithm() {
    const { algorithm } = this.#slots;
    return (this.#algorithm ??= exposed(algorithm));
  }

  get usages() {
    const { usages } = this.#slots;
    return (this.#usages ??= usagesIntersection(usages, recognized));
  }
}

configureInterface(CryptoKey, { length: 0, inspectable: ['type', 'extractable', 'algorithm', 'usages'] });

/**
 * @param {'public' | 'private' | 'secret'} type
 * @param {boolean} extractable
 * @param {object} algorithm a KeyAlgorithm without prototype
 * @param {string[]} usages
 * @param {object} handle the native key
 */
export function createKey(type, extractable, algorithm, usages, handle) {
  const slots = { __proto__: null, type, extractable, algorithm, usages: usagesIntersection(usages, recognized), handle };
  return new CryptoKey(privateToken, slots);
}

// The clone is another object for the same key.
registerSerializable(isCryptoKey, (key) => new CryptoKey(privateToken, keySlots(key)));

/** The KeyAlgorithm as an object of the language, its members in the order of their dictionaries. */
function exposed(algorithm) {
  const result = { name: algorithm.name };
  if (algorithm.modulusLength !== undefined) {
    result.modulusLength = algorithm.modulusLength;
    result.publicExponent = new Uint8Array(algorithm.publicExponent);
  }
  if (algorithm.hash !== undefined) result.hash = { name: algorithm.hash.name };
  if (algorithm.length !== undefined) result.length = algorithm.length;
  if (algorithm.namedCurve !== undefined) result.namedCurve = algorithm.namedCurve;
  return result;
}

export const toCryptoKey = createInterfaceConverter('CryptoKey', (value) => isCryptoKey(value));
export const toKeyUsages = createSequenceConverter(createEnumConverter('KeyUsage', recognized));

/** The "usages intersection": what both have, in the order of the recognized values. */
export function usagesIntersection(a, b) {
  const result = [];
  for (let i = 0; i < recognized.length; i++) {
    if (ArrayPrototypeIndexOf(a, recognized[i]) !== -1 && ArrayPrototypeIndexOf(b, recognized[i]) !== -1) ArrayPrototypePush(result, recognized[i]);
  }
  return result;
}

/** Throws a SyntaxError when `usages` has an entry that is none of `allowed`. */
export function checkUsages(usages, allowed) {
  for (let i = 0; i < usages.length; i++) {
    if (ArrayPrototypeIndexOf(allowed, usages[i]) === -1) throw createDOMException(`A key of this kind cannot be used to '${usages[i]}'.`, 'SyntaxError');
  }
}

/** Throws a SyntaxError when a secret or private key would have no use. */
export function requireUsages(usages) {
  if (usages.length === 0) throw createDOMException('A secret or private key must have a usage.', 'SyntaxError');
}

/** Throws an InvalidAccessError unless the key is of this type. */
export function requireType(slots, type) {
  if (slots.type !== type) throw createDOMException(`The key is not a ${type} one.`, 'InvalidAccessError');
}

const messages = {
  __proto__: null,
  DataError: 'The data is no valid key of this kind.',
  NotSupportedError: 'The operation is not supported.',
  OperationError: 'The operation failed.',
};

/** What a native operation returned; throws if that is the name of a DOMException. */
export function settled(result) {
  if (typeof result === 'string') throw createDOMException(messages[result], result);
  return result;
}

export function dataError(message) {
  return createDOMException(message, 'DataError');
}

export function operationError(message) {
  return createDOMException(message, 'OperationError');
}

export function notSupported(message) {
  return createDOMException(message, 'NotSupportedError');
}
