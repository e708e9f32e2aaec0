// @ts-check
/**
 * "Normalizing an algorithm" of the Web Cryptography API (https://w3c.github.io/webcrypto/#algorithm-normalization), the
 * registered algorithms, and where their operations are.
 */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { RegExpPrototypeExec, StringPrototypeToUpperCase } from '../primordials.js';
import { converters, createDictionaryConverter } from '../webidl.js';
import { notSupported, toCryptoKey } from './key.js';

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** `(object or DOMString)`: AlgorithmIdentifier and HashAlgorithmIdentifier. */
export function toAlgorithmIdentifier(value, prefix, context) {
  return isObject(value) ? value : converters.DOMString(value, prefix, context);
}

const enforceRange = { __proto__: null, enforceRange: true };
const integer = (key, type, required = true) => ({ __proto__: null, key, converter: converters[type], required, options: enforceRange });
const buffer = (key, required = true) => ({ __proto__: null, key, converter: converters.BufferSource, required, kind: 'buffer' });
const hash = { __proto__: null, key: 'hash', converter: toAlgorithmIdentifier, required: true, kind: 'hash' };
const namedCurve = { __proto__: null, key: 'namedCurve', converter: converters.DOMString, required: true };
const publicExponent = { __proto__: null, key: 'publicExponent', converter: converters.Uint8Array, required: true, kind: 'buffer' };

/** Members of the dictionaries, without the inherited `name`; those of one that derives from another one after that one's. */
const dictionaries = {
  __proto__: null,
  Algorithm: [],
  AesCbcParams: [[buffer('iv')]],
  AesCtrParams: [[buffer('counter'), integer('length', 'octet')]],
  AesDerivedKeyParams: [[integer('length', 'unsigned short')]],
  AesGcmParams: [[buffer('additionalData', false), buffer('iv'), integer('tagLength', 'octet', false)]],
  AesKeyGenParams: [[integer('length', 'unsigned short')]],
  EcKeyGenParams: [[namedCurve]],
  EcKeyImportParams: [[namedCurve]],
  EcdhKeyDeriveParams: [[{ __proto__: null, key: 'public', converter: toCryptoKey, required: true }]],
  EcdsaParams: [[hash]],
  HkdfParams: [[hash, buffer('info'), buffer('salt')]],
  HmacImportParams: [[hash, integer('length', 'unsigned long', false)]],
  HmacKeyGenParams: [[hash, integer('length', 'unsigned long', false)]],
  Pbkdf2Params: [[hash, integer('iterations', 'unsigned long'), buffer('salt')]],
  RsaHashedImportParams: [[hash]],
  RsaHashedKeyGenParams: [[integer('modulusLength', 'unsigned long'), publicExponent], [hash]],
  RsaOaepParams: [[buffer('label', false)]],
  RsaPssParams: [[integer('saltLength', 'unsigned long')]],
};

const hashes = { __proto__: null, 'SHA-1': 'Algorithm', 'SHA-256': 'Algorithm', 'SHA-384': 'Algorithm', 'SHA-512': 'Algorithm' };
const ciphers = { __proto__: null, 'RSA-OAEP': 'RsaOaepParams', 'AES-CTR': 'AesCtrParams', 'AES-CBC': 'AesCbcParams', 'AES-GCM': 'AesGcmParams' };
const signatures = {
  __proto__: null, 'RSASSA-PKCS1-v1_5': 'Algorithm', 'RSA-PSS': 'RsaPssParams', ECDSA: 'EcdsaParams', Ed25519: 'Algorithm', HMAC: 'Algorithm',
};
const wrappers = { __proto__: null, 'AES-KW': 'Algorithm' };

/** The registered algorithms: operation → name → type of the parameters. */
const registered = {
  __proto__: null,
  digest: hashes,
  encrypt: ciphers,
  decrypt: ciphers,
  sign: signatures,
  verify: signatures,
  wrapKey: wrappers,
  unwrapKey: wrappers,
  deriveBits: { __proto__: null, ECDH: 'EcdhKeyDeriveParams', X25519: 'EcdhKeyDeriveParams', HKDF: 'HkdfParams', PBKDF2: 'Pbkdf2Params' },
  generateKey: {
    __proto__: null,
    'RSASSA-PKCS1-v1_5': 'RsaHashedKeyGenParams', 'RSA-PSS': 'RsaHashedKeyGenParams', 'RSA-OAEP': 'RsaHashedKeyGenParams',
    ECDSA: 'EcKeyGenParams', ECDH: 'EcKeyGenParams', Ed25519: 'Algorithm', X25519: 'Algorithm',
    'AES-CTR': 'AesKeyGenParams', 'AES-CBC': 'AesKeyGenParams', 'AES-GCM': 'AesKeyGenParams', 'AES-KW': 'AesKeyGenParams',
    HMAC: 'HmacKeyGenParams',
  },
  importKey: {
    __proto__: null,
    'RSASSA-PKCS1-v1_5': 'RsaHashedImportParams', 'RSA-PSS': 'RsaHashedImportParams', 'RSA-OAEP': 'RsaHashedImportParams',
    ECDSA: 'EcKeyImportParams', ECDH: 'EcKeyImportParams', Ed25519: 'Algorithm', X25519: 'Algorithm',
    'AES-CTR': 'Algorithm', 'AES-CBC': 'Algorithm', 'AES-GCM': 'Algorithm', 'AES-KW': 'Algorithm',
    HMAC: 'HmacImportParams', HKDF: 'Algorithm', PBKDF2: 'Algorithm',
  },
  'get key length': {
    __proto__: null,
    'AES-CTR': 'AesDerivedKeyParams', 'AES-CBC': 'AesDerivedKeyParams', 'AES-GCM': 'AesDerivedKeyParams', 'AES-KW': 'AesDerivedKeyParams',
    HMAC: 'HmacImportParams', HKDF: 'Algorithm', PBKDF2: 'Algorithm',
  },
};

const families = {
  __proto__: null,
  'RSASSA-PKCS1-v1_5': './crypto/rsa.js', 'RSA-PSS': './crypto/rsa.js', 'RSA-OAEP': './crypto/rsa.js',
  ECDSA: './crypto/ec.js', ECDH: './crypto/ec.js', Ed25519: './crypto/okp.js', X25519: './crypto/okp.js',
  'AES-CTR': './crypto/aes.js', 'AES-CBC': './crypto/aes.js', 'AES-GCM': './crypto/aes.js', 'AES-KW': './crypto/aes.js',
  HMAC: './crypto/hmac.js', HKDF: './crypto/kdf.js', PBKDF2: './crypto/kdf.js',
};

/** The operations of a registered algorithm; those that it does not have are undefined. */
export function operationsOf(name) {
  return lazy(families[name]).operations[name];
}

/** Converters of the dictionaries that somebody has used. */
const typeConverters = { __proto__: null };

function converterOf(type) {
  const lists = dictionaries[type];
  const base = [{ key: 'name', converter: converters.DOMString, required: true }];
  if (lists.length === 0) return createDictionaryConverter(type, base);
  if (lists.length === 1) return createDictionaryConverter(type, base, lists[0]);
  return createDictionaryConverter(type, base, lists[0], lists[1]);
}

const convert = (type, value, prefix) => (typeConverters[type] ??= converterOf(type))(value, prefix, 'The algorithm');

/** "Normalize an algorithm": its dictionary, with the registered name, buffers copied and hashes normalized. */
export function normalizeAlgorithm(algorithm, operation, prefix) {
  const given = isObject(algorithm) ? algorithm : { __proto__: null, name: algorithm };
  const name = registeredName(isObject(algorithm) ? convert('Algorithm', given, prefix).name : algorithm);
  const type = registered[operation][name];
  if (type === undefined) throw notSupported(`${prefix}: Unrecognized algorithm name.`);
  // Nobody sees whether a name without parameters is converted.
  if (given !== algorithm && type === 'Algorithm') return { __proto__: null, name };
  const normalized = convert(type, given, prefix);
  normalized.name = name;
  const lists = dictionaries[type];
  for (let i = 0; i < lists.length; i++) {
    for (let j = 0; j < lists[i].length; j++) {
      const { key, kind } = lists[i][j];
      if (normalized[key] === undefined) continue;
      if (kind === 'buffer') normalized[key] = ops.bytesCopy(normalized[key]);
      else if (kind === 'hash') normalized[key] = normalizeAlgorithm(normalized[key], 'digest', prefix);
    }
  }
  return normalized;
}

const beyondAscii = /[^\x00-\x7f]/;

/** The registered spelling, found "using a case-insensitive string comparison" (of ASCII). */
function registeredName(name) {
  if (RegExpPrototypeExec(beyondAscii, name) !== null) return name;
  const upper = StringPrototypeToUpperCase(name);
  switch (upper) {
    case 'RSASSA-PKCS1-V1_5':
      return 'RSASSA-PKCS1-v1_5';
    case 'ED25519':
      return 'Ed25519';
    default:
      return upper;
  }
}
