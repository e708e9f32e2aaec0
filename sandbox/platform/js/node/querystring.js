// @ts-check
/** `node:querystring` (https://nodejs.org/docs/latest-v20.x/api/querystring.html). */

import { ops } from '../ops.js';
import { ArrayIsArray, ArrayPrototypePush, encodeURIComponent, NumberIsFinite, ObjectKeys, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeSplit, ArrayPrototypeJoin, decodeURIComponent } from '../primordials.js';
import { Buffer } from './buffer_class.js';
import { uriError } from './errors.js';

const hexValue = (code) => (code >= 48 && code <= 57 ? code - 48 : code >= 65 && code <= 70 ? code - 55 : code >= 97 && code <= 102 ? code - 87 : -1);

/** The bytes of a text with percent signs; what is no escape stays. */
export function unescapeBuffer(s, decodeSpaces = false) {
  const bytes = Buffer.from(s, 'latin1');
  const out = Buffer.alloc(bytes.length);
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i];
    if (decodeSpaces && byte === 43) {
      byte = 32;
    } else if (byte === 37 && i + 2 < bytes.length) {
      const high = hexValue(bytes[i + 1]);
      const low = hexValue(bytes[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    out[at++] = byte;
  }
  return out.subarray(0, at);
}

export function unescape(s, decodeSpaces = false) {
  try {
    return decodeURIComponent(s);
  } catch {
    return ops.bufferDecode(unescapeBuffer(s, decodeSpaces), 0, 0, undefined);
  }
}

export function escape(str) {
  if (typeof str !== 'string') str = `${str}`;
  try {
    return encodeURIComponent(str);
  } catch {
    throw uriError('ERR_INVALID_URI', 'URI malformed');
  }
}

function primitive(value) {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && NumberIsFinite(value)) return `${value}`;
  if (typeof value === 'bigint') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return '';
}

export function stringify(obj, sep = undefined, eq = undefined, options = undefined) {
  sep ||= '&';
  eq ||= '=';
  const own = options?.encodeURIComponent;
  const encode = typeof own === 'function' ? own : module.escape;
  if (obj === null || typeof obj !== 'object') return '';
  const fields = [];
  const keys = ObjectKeys(obj);
  for (let i = 0; i < keys.length; i++) {
    const key = encode(primitive(keys[i]));
    const value = obj[keys[i]];
    if (ArrayIsArray(value)) for (let j = 0; j < value.length; j++) ArrayPrototypePush(fields, `${key}${eq}${encode(primitive(value[j]))}`);
    else ArrayPrototypePush(fields, `${key}${eq}${encode(primitive(value))}`);
  }
  return ArrayPrototypeJoin(fields, sep);
}

export function parse(qs, sep = undefined, eq = undefined, options = undefined) {
  const result = { __proto__: null };
  if (typeof qs !== 'string' || qs.length === 0) return result;
  sep = sep ? `${sep}` : '&';
  eq = eq ? `${eq}` : '=';
  const limit = typeof options?.maxKeys === 'number' ? options.maxKeys : 1000;
  const own = options?.decodeURIComponent;
  const decode = typeof own === 'function' ? own : module.unescape;
  const pieces = StringPrototypeSplit(qs, sep);
  let count = 0;
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === '') continue;
    if (limit > 0 && count++ === limit) break;
    const at = StringPrototypeIndexOf(pieces[i], eq);
    const key = decoded(at === -1 ? pieces[i] : StringPrototypeSlice(pieces[i], 0, at), decode);
    const value = at === -1 ? '' : decoded(StringPrototypeSlice(pieces[i], at + eq.length), decode);
    if (!(key in result)) result[key] = value;
    else if (ArrayIsArray(result[key])) ArrayPrototypePush(result[key], value);
    else result[key] = [result[key], value];
  }
  return result;
}

function decoded(text, decode) {
  const spaced = ArrayPrototypeJoin(StringPrototypeSplit(text, '+'), decode === unescape ? ' ' : '%20');
  if (decode === unescape && StringPrototypeIndexOf(text, '%') === -1) return spaced;
  try {
    return decode(spaced);
  } catch {
    return unescape(spaced, true);
  }
}

export { parse as decode, stringify as encode };
const module = { unescapeBuffer, unescape, escape, stringify, encode: stringify, parse, decode: parse };
export default module;
