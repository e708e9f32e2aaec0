// @ts-check
/** The encodings of `Buffer` (https://nodejs.org/docs/latest-v20.x/api/buffer.html#buffers-and-character-encodings). */

import { StringPrototypeToLowerCase } from '../primordials.js';
import { typeError } from './errors.js';

// As the native functions number them.
export const UTF8 = 0;
export const UTF16LE = 1;
export const LATIN1 = 2;
export const ASCII = 3;
export const BASE64 = 4;
export const BASE64URL = 5;
export const HEX = 6;

const numbers = {
  __proto__: null, utf8: UTF8, 'utf-8': UTF8, ucs2: UTF16LE, 'ucs-2': UTF16LE, utf16le: UTF16LE, 'utf-16le': UTF16LE, latin1: LATIN1, binary: LATIN1,
  ascii: ASCII, base64: BASE64, base64url: BASE64URL, hex: HEX,
};
const names = ['utf8', 'utf16le', 'latin1', 'ascii', 'base64', 'base64url', 'hex'];

/** The number of the encoding with this name in any case; undefined if there is none. */
export function encodingNumber(name) {
  if (typeof name !== 'string') name = `${name}`;
  return numbers[name] ?? numbers[StringPrototypeToLowerCase(name)];
}

/** The same; `undefined`, `null` and `''` mean UTF-8, and an unknown name is an error. */
export function requireEncoding(name) {
  if (name === undefined || name === null || name === '') return UTF8;
  const number = encodingNumber(name);
  if (number === undefined) throw typeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${name}`);
  return number;
}

/** The canonical name of an encoding; undefined if there is none of this name. */
export function normalizeEncoding(name) {
  if (name === undefined || name === null || name === '') return 'utf8';
  const number = encodingNumber(name);
  return number === undefined ? undefined : number === ASCII ? 'ascii' : names[number];
}
