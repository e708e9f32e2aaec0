// @ts-check
/**
 * Crypto and the digests of the Web Cryptography API (https://w3c.github.io/webcrypto/).
 */

import { ops } from './ops.js';
import { StringPrototypeToUpperCase, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag } from './primordials.js';
import {
  bufferSourceBytes, bufferSourceForOp, configureInterface, converters, createDOMException, illegalConstructor, privateToken, requiredArguments,
} from './webidl.js';

const quota = 65536;

export class Crypto {
  #subtle = undefined;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  get subtle() {
    return (this.#subtle ??= new SubtleCrypto(privateToken));
  }

  getRandomValues(array) {
    const prefix = "Failed to execute 'getRandomValues' on 'Crypto'";
    this.#subtle;
    requiredArguments(arguments.length, 1, prefix);
    converters.ArrayBufferView(array, prefix, 'Argument 1');
    if (!isIntegerArray(array)) throw createDOMException(`${prefix}: The array is not an integer typed array.`, 'TypeMismatchError');
    const length = TypedArrayPrototypeGetByteLength(array);
    if (length > quota) {
      throw createDOMException(`${prefix}: ${length} bytes exceed the ${quota} bytes of entropy available in one call.`, 'QuotaExceededError');
    }
    ops.randomFill(bufferSourceBytes(array));
    return array;
  }

  randomUUID() {
    this.#subtle;
    return ops.randomUUID();
  }
}

configureInterface(Crypto, { length: 0 });

export class SubtleCrypto {
  #brand;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  async digest(algorithm, data) {
    const prefix = "Failed to execute 'digest' on 'SubtleCrypto'";
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    const name = normalizeDigest(algorithm, prefix);
    return ops.digest(name, bufferSourceForOp(converters.BufferSource(data, prefix, 'Argument 2')));
  }
}

configureInterface(SubtleCrypto, { length: 0 });

/** The `crypto` of the global scope. */
export const crypto = new Crypto(privateToken);

function isIntegerArray(view) {
  switch (TypedArrayPrototypeGetSymbolToStringTag(view)) {
    case 'Int8Array':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'Int16Array':
    case 'Uint16Array':
    case 'Int32Array':
    case 'Uint32Array':
    case 'BigInt64Array':
    case 'BigUint64Array':
      return true;
    default:
      return false;
  }
}

/** "Normalize an algorithm" for the operation "digest": the registered name. */
function normalizeDigest(algorithm, prefix) {
  const isObject = (typeof algorithm === 'object' && algorithm !== null) || typeof algorithm === 'function';
  const given = isObject ? algorithm.name : algorithm;
  if (isObject && given === undefined) converters.object(given, prefix, "'name' of 'Algorithm'");
  const name = StringPrototypeToUpperCase(converters.DOMString(given, prefix, 'Argument 1'));
  switch (name) {
    case 'SHA-1':
    case 'SHA-256':
    case 'SHA-384':
    case 'SHA-512':
      return name;
    default:
      throw createDOMException(`${prefix}: Unrecognized algorithm name.`, 'NotSupportedError');
  }
}
