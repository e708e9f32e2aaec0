// @ts-check
/**
 * The formats of keys that are nothing but bytes (https://w3c.github.io/webcrypto/#aes-ctr-operations and #hmac-operations).
 */

import { ops } from '../ops.js';
import { checkJwk, requireMembers } from './jwk.js';
import { notSupported, settled } from './key.js';

/** A native key from `raw` bytes or a JWK for this `use`. Its `alg` is left to check. */
export function importSecret(name, use, format, data, extractable, usages) {
  if (format === 'raw') return ops.secretImport(data);
  if (format !== 'jwk') throw notSupported(`A key of ${name} has no format '${format}'.`);
  checkJwk(data, 'oct', use, extractable, usages);
  requireMembers(data, ['k']);
  return settled(ops.secretImportJwk(data.k));
}

export function exportSecret(name, alg, format, handle) {
  if (format === 'raw') return ops.secretExport(handle);
  if (format === 'jwk') return { __proto__: null, kty: 'oct', k: ops.secretExportJwk(handle), alg };
  throw notSupported(`A key of ${name} has no format '${format}'.`);
}
