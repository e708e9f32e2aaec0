// @ts-check
/** `KeyObject` of `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html#class-keyobject). The key itself is native. */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, BigInt, ObjectDefineProperties, RegExpPrototypeExec, StringPrototypeSlice, SymbolToStringTag,
} from '../primordials.js';
import { ArrayBufferIsView, Uint8Array } from '../primordials/buffers.js';
import { privateToken } from '../webidl.js';
import { bufferSourceForOp, isArrayBuffer } from '../webidl_buffers.js';
import { adopt } from './buffer_class.js';
import { BASE64, BASE64URL, encodingNumber, UTF8 } from './buffer_encoding.js';
import { invalidArgType, invalidArgValue, plainError } from './errors.js';
import { validateObject } from './validators.js';

/** What PEM calls each encoding. */
const labels = {
  __proto__: null,
  private: { __proto__: null, pkcs8: 'PRIVATE KEY', pkcs1: 'RSA PRIVATE KEY', sec1: 'EC PRIVATE KEY' },
  public: { __proto__: null, spki: 'PUBLIC KEY', pkcs1: 'RSA PUBLIC KEY' },
};

const curves = { __proto__: null, 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

export class KeyObject {
  /** `{ type, kind, handle, curve }`; `kind` is "secret", "rsa", "ec", "ed25519" or "x25519". */
  #key;

  constructor(token, key) {
    if (token !== privateToken) throw invalidArgValue('type', token);
    this.#key = key;
  }

  static from(key) {
    const { isCryptoKey, keySlots } = lazy('./crypto/key.js');
    if (!isCryptoKey(key)) throw invalidArgType('key', 'CryptoKey', key);
    const { type, algorithm, handle } = keySlots(key);
    const { name, namedCurve } = algorithm;
    const kind = type === 'secret' ? 'secret' : name === 'Ed25519' ? 'ed25519' : name === 'X25519' ? 'x25519' : namedCurve !== undefined ? 'ec' : 'rsa';
    return new KeyObject(privateToken, { type, kind, handle, curve: namedCurve });
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #key in value;
  }

  static slots(value) {
    return value.#key;
  }

  get type() {
    return this.#key.type;
  }

  get asymmetricKeyType() {
    const { kind } = this.#key;
    return kind === 'secret' ? undefined : kind;
  }

  get asymmetricKeyDetails() {
    const { kind, handle, curve } = this.#key;
    if (kind === 'rsa') {
      const { n, e } = rsaNumbers(handle);
      return { modulusLength: bitLength(n), publicExponent: BigInt(`0x${ops.bufferDecode(e, 6, 0, undefined)}`) };
    }
    return kind === 'ec' ? { namedCurve: curves[curve] } : kind === 'secret' ? undefined : {};
  }

  get symmetricKeySize() {
    const { kind, handle } = this.#key;
    return kind === 'secret' ? ops.secretLength(handle) : undefined;
  }

  equals(other) {
    if (!isKeyObject(other)) throw invalidArgType('otherKeyObject', 'KeyObject', other);
    if (other.type !== this.type || other.asymmetricKeyType !== this.asymmetricKeyType) return false;
    const options = this.type === 'secret' ? undefined : { format: 'der' };
    return this.export(options).equals(other.export(options));
  }

  export(options = undefined) {
    const { type, kind, handle } = this.#key;
    if (kind === 'secret') {
      if (options?.format === 'jwk') return { kty: 'oct', k: ops.secretExportJwk(handle) };
      return adopt(new Uint8Array(ops.secretExport(handle)));
    }
    validateObject(options, 'options');
    if (options.format === 'jwk') return exportJwk(this.#key);
    const container = options.type ?? (type === 'private' ? 'pkcs8' : 'spki');
    const label = labels[type][container];
    if (label === undefined || (container === 'pkcs1' && kind !== 'rsa') || (container === 'sec1' && kind !== 'ec')) {
      throw plainError('ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS', `The selected key encoding ${container} is not one of ${type} ${kind} keys.`);
    }
    const format = kind === 'rsa' ? ops.rsaExport : kind === 'ec' ? ops.ecExport : ops.okpExport;
    const bytes = new Uint8Array(format(container, handle));
    return options.format === 'der' ? adopt(bytes) : pem(bytes, label);
  }

  toCryptoKey(algorithm, extractable, usages) {
    const { kind, type } = this.#key;
    const { subtle } = lazy('./crypto/index.js').crypto;
    const format = kind === 'secret' ? 'raw' : type === 'private' ? 'pkcs8' : 'spki';
    return subtle.importKey(format, this.export(kind === 'secret' ? undefined : { format: 'der', type: format }), algorithm, extractable, usages);
  }

  get [SymbolToStringTag]() {
    return 'KeyObject';
  }
}
export const { is: isKeyObject } = KeyObject;
const { slots } = KeyObject;
delete KeyObject.is;
delete KeyObject.slots;
ObjectDefineProperties(KeyObject, { __proto__: null, length: { __proto__: null, value: 2 } });

function rsaNumbers(handle) {
  const parts = ops.rsaExportJwk(handle);
  return { n: ops.bufferEncode(parts[0], BASE64URL), e: ops.bufferEncode(parts[1], BASE64URL) };
}

function bitLength(bytes) {
  let bits = bytes.length * 8;
  for (let mask = 128; mask > 0 && (bytes[0] & mask) === 0; mask >>= 1) bits--;
  return bits;
}

function exportJwk({ kind, handle, curve }) {
  if (kind === 'rsa') {
    const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'];
    return jwk({ kty: 'RSA' }, names, ops.rsaExportJwk(handle));
  }
  if (kind === 'ec') return jwk({ kty: 'EC' }, ['x', 'y', 'd'], ops.ecExportJwk(handle), { crv: curve });
  return jwk({ kty: 'OKP' }, ['x', 'd'], ops.okpExportJwk(handle), { crv: kind === 'ed25519' ? 'Ed25519' : 'X25519' });
}

function jwk(object, names, values, more = undefined) {
  for (let i = 0; i < values.length; i++) object[names[i]] = values[i];
  return { ...object, ...more };
}

function pem(bytes, label) {
  const text = ops.bufferDecode(bytes, BASE64, 0, undefined);
  const lines = [`-----BEGIN ${label}-----`];
  for (let i = 0; i < text.length; i += 64) ArrayPrototypePush(lines, StringPrototypeSlice(text, i, i + 64));
  ArrayPrototypePush(lines, `-----END ${label}-----`, '');
  return ArrayPrototypeJoin(lines, '\n');
}

const pemBlock = /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/;

/** The bytes and, if it says, the kind of a key in text or bytes. */
function openPem(key) {
  const text = typeof key === 'string' ? key : ops.bufferDecode(key, UTF8, 0, undefined);
  const match = RegExpPrototypeExec(pemBlock, text);
  if (match === null) return undefined;
  return { label: match[1], der: ops.bufferEncode(match[2], BASE64) };
}

/** The bytes of a secret key, or of a password in its place. */
export function keyBytes(key, encoding = undefined) {
  if (isKeyObject(key)) {
    if (slots(key).kind !== 'secret') throw plainError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${key.type}, expected secret.`);
    return new Uint8Array(ops.secretExport(slots(key).handle));
  }
  const { isCryptoKey, keySlots } = lazy('./crypto/key.js');
  if (isCryptoKey(key)) return new Uint8Array(ops.secretExport(keySlots(key).handle));
  if (typeof key === 'string') return ops.bufferEncode(key, encodingNumber(encoding ?? 'utf8') ?? UTF8);
  if (ArrayBufferIsView(key) || isArrayBuffer(key)) return bufferSourceForOp(key);
  throw invalidArgType('key', ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView', 'KeyObject', 'CryptoKey'], key);
}

export function createSecretKey(key, encoding = undefined) {
  // Also a CryptoKey, whose bytes may be nobody's to have.
  if (typeof key !== 'string' && !ArrayBufferIsView(key) && !isArrayBuffer(key)) throw invalidArgType('key', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], key);
  return new KeyObject(privateToken, { type: 'secret', kind: 'secret', handle: ops.secretImport(keyBytes(key, encoding)), curve: undefined });
}

/** The type of key, by what the op calls it. */
const kinds = { __proto__: null, RSA: 'rsa', 'P-256': 'ec', 'P-384': 'ec', 'P-521': 'ec', Ed25519: 'ed25519', X25519: 'x25519' };

const unsupported = () => plainError('ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');

function fromDer(type, container, der) {
  const name = container === 'pkcs1' ? 'RSA' : ops.keyKind(container, der);
  const kind = kinds[name];
  if (kind === undefined) throw unsupported();
  const format = container === 'pkcs1' ? `pkcs1-${type}` : container;
  const handle = kind === 'rsa' ? ops.rsaImport(format, der) : kind === 'ec' ? ops.ecImport(name, format, der) : ops.okpImport(name, format, der);
  // An op tells what is no such key by a string.
  if (typeof handle === 'string') throw unsupported();
  return new KeyObject(privateToken, { type, kind, handle, curve: kind === 'ec' ? name : undefined });
}

/** A key in DER or PEM; undefined if PEM holds one of the other type. */
function fromBytes(type, { material, format, type: container }) {
  if (format === 'der') return fromDer(type, container ?? (type === 'private' ? 'pkcs8' : 'spki'), bufferSourceForOp(material));
  const opened = openPem(typeof material === 'string' ? material : bufferSourceForOp(material));
  if (opened === undefined) throw unsupported();
  for (const container in labels[type]) {
    if (labels[type][container] === opened.label) return fromDer(type, container, opened.der);
  }
  return undefined;
}

function fromJwk(type, key) {
  let handle;
  if (key.kty === 'RSA') handle = type === 'public' ? ops.rsaImportJwk(key.n, key.e) : ops.rsaImportJwk(key.n, key.e, key.d, key.p, key.q, key.dp, key.dq, key.qi);
  else if (key.kty === 'EC') handle = ops.ecImportJwk(key.crv, key.x, key.y, type === 'public' ? undefined : key.d);
  else if (key.kty === 'OKP') handle = ops.okpImportJwk(key.crv, key.x, type === 'public' ? undefined : key.d);
  if (handle === undefined || typeof handle === 'string') throw plainError('ERR_CRYPTO_INVALID_JWK', 'Invalid JWK data');
  const kind = key.kty === 'RSA' ? 'rsa' : key.kty === 'EC' ? 'ec' : key.crv === 'Ed25519' ? 'ed25519' : 'x25519';
  return new KeyObject(privateToken, { type, kind, handle, curve: key.crv });
}

function unwrap(key) {
  if (typeof key === 'string' || ArrayBufferIsView(key) || isArrayBuffer(key)) return { material: key, format: 'pem', type: undefined };
  validateObject(key, 'key');
  return { material: key.key, format: key.format ?? 'pem', type: key.type };
}

export function createPrivateKey(key) {
  const given = unwrap(key);
  if (given.format === 'jwk') return fromJwk('private', given.material);
  const found = fromBytes('private', given);
  if (found === undefined) throw unsupported();
  return found;
}

/** The public key of a key of either kind. */
export function createPublicKey(key) {
  if (isKeyObject(key)) return publicOf(key);
  const given = unwrap(key);
  if (isKeyObject(given.material)) return publicOf(given.material);
  if (given.format === 'jwk') return fromJwk('public', given.material);
  return fromBytes('public', given) ?? publicOf(createPrivateKey(key));
}

function publicOf(key) {
  const { type, kind, handle, curve } = slots(key);
  if (type === 'public') return key;
  if (type === 'secret') throw plainError('ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', 'Invalid key object type secret, expected private.');
  return new KeyObject(privateToken, { type: 'public', kind, handle: ops.publicKeyOf(handle), curve });
}

/** `{ key: slots, options }` of what `sign` and `verify` accept as a key. */
export function signingKey(given, type) {
  const isBare = isKeyObject(given) || typeof given === 'string' || ArrayBufferIsView(given);
  const material = isBare ? given : (given?.key ?? given);
  const { isCryptoKey } = lazy('./crypto/key.js');
  let object = isCryptoKey(material) ? KeyObject.from(material) : material;
  if (!isKeyObject(object)) object = type === 'private' ? createPrivateKey(given) : createPublicKey(given);
  if (type === 'public') object = publicOf(object);
  return { key: slots(object), options: isBare ? {} : given };
}

