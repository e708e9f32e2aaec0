// @ts-check
/**
 * Crypto of the Web Cryptography API (https://w3c.github.io/webcrypto/#crypto-interface). The rest of the API is
 * loaded when something first asks for it: SubtleCrypto, and then each family of algorithms.
 */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetSymbolToStringTag } from '../primordials/buffers.js';
import { configureInterface, converters, createDOMException, illegalConstructor, privateToken, requiredArguments } from '../webidl.js';
import { bufferSourceBytes } from '../webidl_buffers.js';

const quota = 65536;

export class Crypto {
  #subtle = undefined;

  constructor(token) {
    if (token !== privateToken) illegalConstructor();
  }

  get subtle() {
    return (this.#subtle ??= lazy('./crypto/subtle.js').createSubtleCrypto());
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

  /** As in Cloudflare Workers: a class beside the specification's. */
  get DigestStream() {
    this.#subtle;
    return lazy('./crypto/digest_stream.js').DigestStream;
  }
}

configureInterface(Crypto, { length: 0 });

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
