// @ts-check
/**
 * `crypto.DigestStream` of Cloudflare Workers: a WritableStream that hashes what is written to it.
 */

import { ops } from '../ops.js';
import { BigInt, PromiseWithResolvers, StringPrototypeToUpperCase, TypeError } from '../primordials.js';
import { ArrayBufferIsView } from '../primordials/buffers.js';
import { WritableStream } from '../streams/index.js';
import { configureInterface, converters, requiredArguments } from '../webidl.js';
import { isArrayBuffer } from '../webidl_buffers.js';
import { normalizeAlgorithm, toAlgorithmIdentifier } from './algorithm.js';

export class DigestStream extends WritableStream {
  #state;

  constructor(algorithm) {
    const prefix = "Failed to construct 'DigestStream'";
    requiredArguments(arguments.length, 1, prefix);
    const name = digestName(toAlgorithmIdentifier(algorithm, prefix, 'Argument 1'), prefix);
    const capability = PromiseWithResolvers();
    // Who aborts or errs the stream knows of it, and need not ask for the digest as well.
    ops.markPromiseHandled(capability.promise);
    const state = { __proto__: null, hash: ops.hashNew(name), bytes: 0, capability };
    super(createSink(state, prefix));
    this.#state = state;
  }

  /** A promise of the ArrayBuffer that holds the digest, when the stream is closed. */
  get digest() {
    return this.#state.capability.promise;
  }

  get bytesWritten() {
    return BigInt(this.#state.bytes);
  }
}

configureInterface(DigestStream);

/** Whatever `super` is: what it gets is nothing but this stream's own. */
const createSink = (state, prefix) => ({
  __proto__: null,
  write(chunk) {
    const bytes = typeof chunk === 'string' ? ops.utf8Encode(chunk) : chunk;
    if (!ArrayBufferIsView(bytes) && !isArrayBuffer(bytes)) {
      const error = new TypeError(`${prefix}: A chunk is neither a buffer nor a string.`);
      state.capability.reject(error);
      throw error;
    }
    state.bytes += ops.hashUpdate(state.hash, bytes);
  },
  close() {
    state.capability.resolve(ops.hashDigest(state.hash));
  },
  abort(reason) {
    state.capability.reject(reason);
  },
});

/** That of a digest of the Web Cryptography API, or MD5. */
function digestName(algorithm, prefix) {
  if (typeof algorithm === 'string' && StringPrototypeToUpperCase(algorithm) === 'MD5') return 'md5';
  if (typeof algorithm === 'string') return normalizeAlgorithm(algorithm, 'digest', prefix).name;
  return digestName(converters.DOMString(algorithm.name, prefix, "The algorithm's name"), prefix);
}
