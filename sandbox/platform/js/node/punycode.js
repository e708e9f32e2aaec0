// @ts-check
/** `node:punycode`, deprecated and in use (https://nodejs.org/docs/latest-v20.x/api/punycode.html): RFC 3492. */

import {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSplice, RegExpPrototypeExec, StringFromCodePoint,
  StringPrototypeCharCodeAt, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeSplit, StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
} from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { MathFloor } from '../primordials/math.js';

const base = 36;
const tMin = 1;
const tMax = 26;
const maxInt = 2147483647;

const messages = { __proto__: null, overflow: 'Overflow: input needs wider integers to process', 'not-basic': 'Illegal input >= 0x80 (not a basic code point)', 'invalid-input': 'Invalid input' };
const fail = (type) => {
  throw new RangeError(messages[type]);
};

const digitOf = (code) => (code >= 48 && code < 58 ? 26 + code - 48 : code >= 65 && code < 91 ? code - 65 : code >= 97 && code < 123 ? code - 97 : base);
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

function adapt(delta, count, first) {
  let k = 0;
  delta = first ? MathFloor(delta / 700) : delta >> 1;
  delta += MathFloor(delta / count);
  for (; delta > ((base - tMin) * tMax) >> 1; k += base) delta = MathFloor(delta / (base - tMin));
  return MathFloor(k + ((base - tMin + 1) * delta) / (delta + 38));
}

const threshold = (k, bias) => (k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias);

function ucs2decode(string) {
  const points = [];
  for (let i = 0; i < string.length; i++) {
    const unit = StringPrototypeCharCodeAt(string, i);
    const next = i + 1 < string.length ? StringPrototypeCharCodeAt(string, i + 1) : 0;
    if (unit >= 0xd800 && unit <= 0xdbff && (next & 0xfc00) === 0xdc00) {
      ArrayPrototypePush(points, ((unit & 0x3ff) << 10) + (next & 0x3ff) + 0x10000);
      i++;
    } else {
      ArrayPrototypePush(points, unit);
    }
  }
  return points;
}

function ucs2encode(points) {
  let text = '';
  for (let i = 0; i < points.length; i++) text += StringFromCodePoint(points[i]);
  return text;
}

export const ucs2 = { decode: ucs2decode, encode: ucs2encode };

export function decode(input) {
  const output = [];
  let basic = StringPrototypeLastIndexOf(input, '-');
  if (basic < 0) basic = 0;
  for (let j = 0; j < basic; j++) {
    if (StringPrototypeCharCodeAt(input, j) >= 0x80) fail('not-basic');
    ArrayPrototypePush(output, StringPrototypeCharCodeAt(input, j));
  }
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let index = basic > 0 ? basic + 1 : 0; index < input.length; ) {
    const before = i;
    for (let w = 1, k = base; ; k += base) {
      if (index >= input.length) fail('invalid-input');
      const digit = digitOf(StringPrototypeCharCodeAt(input, index++));
      if (digit >= base) fail('invalid-input');
      if (digit > MathFloor((maxInt - i) / w)) fail('overflow');
      i += digit * w;
      const t = threshold(k, bias);
      if (digit < t) break;
      if (w > MathFloor(maxInt / (base - t))) fail('overflow');
      w *= base - t;
    }
    const count = output.length + 1;
    bias = adapt(i - before, count, before === 0);
    if (MathFloor(i / count) > maxInt - n) fail('overflow');
    n += MathFloor(i / count);
    i %= count;
    ArrayPrototypeSplice(output, i++, 0, n);
  }
  return ucs2encode(output);
}

export function encode(text) {
  const input = ucs2decode(text);
  let output = '';
  for (let j = 0; j < input.length; j++) if (input[j] < 0x80) output += StringFromCodePoint(input[j]);
  const basic = output.length;
  let handled = basic;
  if (basic) output += '-';
  let n = 128;
  let delta = 0;
  let bias = 72;
  while (handled < input.length) {
    let m = maxInt;
    for (let j = 0; j < input.length; j++) if (input[j] >= n && input[j] < m) m = input[j];
    if (m - n > MathFloor((maxInt - delta) / (handled + 1))) fail('overflow');
    delta += (m - n) * (handled + 1);
    n = m;
    for (let j = 0; j < input.length; j++) {
      if (input[j] < n && ++delta > maxInt) fail('overflow');
      if (input[j] !== n) continue;
      let q = delta;
      for (let k = base; ; k += base) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += letters[t + ((q - t) % (base - t))];
        q = MathFloor((q - t) / (base - t));
      }
      output += letters[q];
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return output;
}

const nonASCII = /[^\0-\x7F]/;

function mapDomain(domain, change) {
  const at = StringPrototypeLastIndexOf(domain, '@');
  const user = at === -1 ? '' : StringPrototypeSlice(domain, 0, at + 1);
  let host = StringPrototypeSlice(domain, at + 1);
  const dots = ['\u3002', '\uff0e', '\uff61'];
  for (let i = 0; i < dots.length; i++) host = ArrayPrototypeJoin(StringPrototypeSplit(host, dots[i]), '.');
  const labels = StringPrototypeSplit(host, '.');
  for (let i = 0; i < labels.length; i++) labels[i] = change(labels[i]);
  return user + ArrayPrototypeJoin(labels, '.');
}

export function toUnicode(input) {
  return mapDomain(input, (label) => (StringPrototypeStartsWith(label, 'xn--') ? decode(StringPrototypeToLowerCase(StringPrototypeSlice(label, 4))) : label));
}

export function toASCII(input) {
  return mapDomain(input, (label) => (RegExpPrototypeExec(nonASCII, label) !== null ? `xn--${encode(label)}` : label));
}

export const version = '2.1.0';
export default { version, ucs2, decode, encode, toASCII, toUnicode };
