// @ts-check
/**
 * What key agreements have in common (https://w3c.github.io/webcrypto/#ecdh-operations and #x25519-operations): "derive bits".
 */

import { ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeSlice, Uint8Array } from '../primordials/buffers.js';
import { createDOMException } from '../webidl.js';
import { keySlots, operationError, requireType, settled } from './key.js';

/** `agree` makes the whole secret from two native keys. */
export function deriveBits(parameters, slots, length, agree) {
  requireType(slots, 'private');
  const other = keySlots(parameters.public);
  requireType(other, 'public');
  if (other.algorithm.name !== slots.algorithm.name || other.algorithm.namedCurve !== slots.algorithm.namedCurve) {
    throw createDOMException('The keys are not of the same kind.', 'InvalidAccessError');
  }
  return truncated(settled(agree(slots.handle, other.handle)), length);
}

/** The first bits of a secret; those that the last byte has beyond are zero. */
function truncated(secret, length) {
  if (length === null) return secret;
  if (length > ArrayBufferPrototypeGetByteLength(secret) * 8) throw operationError('The secret is shorter.');
  const bytes = (length + 7 - ((length + 7) % 8)) / 8;
  const result = ArrayBufferPrototypeSlice(secret, 0, bytes);
  if (length % 8 !== 0) {
    const view = new Uint8Array(result);
    view[bytes - 1] &= 0xff << (8 - (length % 8));
  }
  return result;
}
