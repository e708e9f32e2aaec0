// @ts-check
/** `node:crypto` (https://nodejs.org/docs/latest-v20.x/api/crypto.html), over the functions of Web Cryptography. */

import { crypto as webcrypto } from '../crypto/index.js';
import { ArrayPrototypeSlice, ObjectDefineProperty, ObjectFreeze } from '../primordials.js';
import { Cipheriv, ciphers, createCipheriv, createDecipheriv, Decipheriv, getCipherInfo } from './crypto_cipher.js';
import { createHash, createHmac, Hash, hash, hashes, Hmac } from './crypto_hash.js';
import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from './crypto_keys.js';
import {
  hkdf, hkdfSync, pbkdf2, pbkdf2Sync, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, scrypt, scryptSync, timingSafeEqual,
} from './crypto_random.js';
import { createSign, createVerify, Sign, sign, Verify, verify } from './crypto_sign.js';
import { stubs } from './unavailable.js';

export {
  Cipheriv, createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, createSign, createVerify, Decipheriv, getCipherInfo, Hash, hash, hkdf,
  hkdfSync, Hmac, KeyObject, pbkdf2, pbkdf2Sync, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, scrypt, scryptSync, Sign, sign, timingSafeEqual, Verify, verify, webcrypto,
};

export const getHashes = () => ArrayPrototypeSlice(hashes);
export const getCiphers = () => ArrayPrototypeSlice(ciphers);
export const getCurves = () => ['prime256v1', 'secp384r1', 'secp521r1'];
export const getFips = () => 0;
export const getRandomValues = (array) => webcrypto.getRandomValues(array);
export const secureHeapUsed = () => ({ total: 0, used: 0, utilization: 0, min: 0 });
export const constants = ObjectFreeze({
  __proto__: null, RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_X931_PADDING: 5, RSA_PKCS1_PSS_PADDING: 6, RSA_PSS_SALTLEN_DIGEST: -1,
  RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2, POINT_CONVERSION_COMPRESSED: 2, POINT_CONVERSION_UNCOMPRESSED: 4, POINT_CONVERSION_HYBRID: 6,
});

const absent = stubs('crypto', [
  'Certificate', 'Cipher', 'Decipher', 'DiffieHellman', 'DiffieHellmanGroup', 'ECDH', 'X509Certificate', 'checkPrime', 'checkPrimeSync', 'createDiffieHellman', 'createDiffieHellmanGroup',
  'createECDH', 'diffieHellman', 'generateKey', 'generateKeyPair', 'generateKeyPairSync', 'generateKeySync', 'generatePrime', 'generatePrimeSync', 'getDiffieHellman', 'privateDecrypt',
  'privateEncrypt', 'publicDecrypt', 'publicEncrypt', 'setEngine', 'setFips',
]);
export const {
  Certificate, Cipher, Decipher, DiffieHellman, DiffieHellmanGroup, ECDH, X509Certificate, checkPrime, checkPrimeSync, createDiffieHellman, createDiffieHellmanGroup, createECDH, diffieHellman,
  generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, generatePrime, generatePrimeSync, getDiffieHellman, privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt, setEngine,
  setFips,
} = absent;
export const { subtle } = webcrypto;

const module = {
  ...absent, createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, createSign, createVerify, getCiphers, getCipherInfo, getCurves, getHashes,
  hkdf, hkdfSync, pbkdf2, pbkdf2Sync, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, scrypt, scryptSync, sign, timingSafeEqual, getFips, verify, hash, Cipheriv, Decipheriv, Hash,
  Hmac, KeyObject, Sign, Verify, secureHeapUsed, constants, webcrypto, getRandomValues,
};
ObjectDefineProperty(module, 'subtle', { __proto__: null, get: () => webcrypto.subtle, enumerable: true, configurable: true });
export default module;
