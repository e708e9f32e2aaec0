// @ts-check
/** URL Pattern Standard §2.1 "Tokens" and §2.2 "Tokenizing" (https://urlpattern.spec.whatwg.org/#tokens). */

import {
  ArrayPrototypePush, RegExpPrototypeExec, StringFromCodePoint, StringPrototypeCharCodeAt, StringPrototypeCodePointAt, StringPrototypeSlice, TypeError,
} from './primordials.js';

/**
 * "Tokenize". Positions count code units, which makes no difference to what the tokens hold.
 * @param {string} input
 * @param {boolean} lenient what cannot be a token becomes one of type `invalid-char` instead of a TypeError
 * @returns {{ type: string, index: number, value: string }[]}
 */
export function tokenize(input, lenient) {
  const tokens = [];
  let index = 0;
  /** Adds the token from `start` to `end` and goes on at `next`. */
  const add = (type, start, end, next) => {
    ArrayPrototypePush(tokens, { __proto__: null, type, index, value: StringPrototypeSlice(input, start, end) });
    index = next;
  };
  /** "Process a tokenizing error". */
  const fail = (next, start) => {
    if (!lenient) throw new TypeError(`The pattern is not valid at position ${start} of '${StringPrototypeSlice(input, 0, 200)}'`);
    add('invalid-char', start, next, next);
  };

  while (index < input.length) {
    const next = index + unitsAt(input, index);
    switch (input[index]) {
      case '*':
        add('asterisk', index, next, next);
        break;
      case '+':
      case '?':
        add('other-modifier', index, next, next);
        break;
      case '\\':
        if (next === input.length) fail(next, index);
        else add('escaped-char', next, next + unitsAt(input, next), next + unitsAt(input, next));
        break;
      case '{':
        add('open', index, next, next);
        break;
      case '}':
        add('close', index, next, next);
        break;
      case ':': {
        const end = endOfName(input, next);
        if (end === next) fail(next, index);
        else add('name', next, end, end);
        break;
      }
      case '(': {
        const end = endOfRegexp(input, next);
        if (end === undefined) fail(next, index);
        else add('regexp', next, end, end + 1);
        break;
      }
      default:
        add('char', index, next, next);
    }
  }
  add('end', index, index, index);
  return tokens;
}

const unitsAt = (input, index) => (/** @type {number} */ (StringPrototypeCodePointAt(input, index)) > 0xffff ? 2 : 1);

const nameStart = /[$_\p{ID_Start}]/u;
const namePart = /[$\u200c\u200d\p{ID_Continue}]/u;

/** "Is a valid name code point". */
export function isValidNameCodePoint(input, index, first) {
  const code = StringPrototypeCodePointAt(input, index);
  return code !== undefined && RegExpPrototypeExec(first ? nameStart : namePart, StringFromCodePoint(code)) !== null;
}

function endOfName(input, start) {
  let end = start;
  while (end < input.length && isValidNameCodePoint(input, end, end === start)) end += unitsAt(input, end);
  return end;
}

/** Where the parenthesis is that closes the group whose content begins at `start`; undefined if this is no group. */
function endOfRegexp(input, start) {
  let depth = 1;
  for (let position = start; position < input.length; position++) {
    const character = input[position];
    if (!isASCII(input, position) || (position === start && character === '?')) return undefined;
    if (character === '\\') {
      position++;
      if (position === input.length || !isASCII(input, position)) return undefined;
    } else if (character === ')') {
      depth--;
      if (depth === 0) return position === start ? undefined : position;
    } else if (character === '(') {
      depth++;
      // Groups of the author's own would shift those that have names.
      if (input[position + 1] !== '?') return undefined;
    }
  }
  return undefined;
}

const isASCII = (input, position) => StringPrototypeCharCodeAt(input, position) < 0x80;
