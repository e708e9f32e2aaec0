// @ts-check
/** Deep equality, strict and loose (https://nodejs.org/docs/latest-v20.x/api/assert.html#assertdeepstrictequalactual-expected-message). */

import { ops } from '../ops.js';
import {
  ArrayIsArray, ArrayPrototypePush, BigIntPrototypeValueOf, BooleanPrototypeValueOf, Map, MapPrototypeDelete, MapPrototypeForEach,
  MapPrototypeGet, MapPrototypeGetSize, MapPrototypeHas, MapPrototypeSet, NumberPrototypeValueOf, ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf, ObjectHasOwn, ObjectIs, ObjectKeys, ObjectPrototypePropertyIsEnumerable, ObjectPrototypeToString,
  RegExpFlagGetters, RegExpPrototypeExec, RegExpPrototypeGetSource, StringPrototypeValueOf, SymbolPrototypeValueOf,
} from '../primordials.js';
import { TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, Uint8Array } from '../primordials/buffers.js';
import { DatePrototypeGetTime } from '../primordials/date.js';
import { SetPrototypeForEach, SetPrototypeGetSize, SetPrototypeHas } from '../primordials/collections.js';

/** Whether both are alike: by `===` of primitives, or `strict` by `Object.is`, classes and prototypes. */
export function isDeepEqual(left, right, strict) {
  return equal(left, right, strict, undefined);
}

export const isDeepStrictEqual = (val1, val2) => equal(val1, val2, true, undefined);

const isObject = (value) => typeof value === 'object' && value !== null;

function equal(left, right, strict, memo) {
  if (left === right) return left !== 0 || !strict || ObjectIs(left, right);
  if (strict) {
    if (typeof left !== 'object') return typeof left === 'number' && left !== left && right !== right;
    if (!isObject(left) || !isObject(right)) return false;
    if (ObjectGetPrototypeOf(left) !== ObjectGetPrototypeOf(right)) return false;
  } else {
    if (!isObject(left)) return !isObject(right) && (left == right || (left !== left && right !== right));
    if (!isObject(right)) return false;
  }
  const kind = ops.classOf(left);
  if (kind !== ops.classOf(right) && (kind !== 'Proxy' && ops.classOf(right) !== 'Proxy')) return false;
  if (ObjectPrototypeToString(left) !== ObjectPrototypeToString(right)) return false;
  if (ArrayIsArray(left)) {
    if (!ArrayIsArray(right) || left.length !== right.length) return false;
    return compareKeys(left, right, strict, memo, 'Array', itemless(left), itemless(right));
  }
  if (!alike(left, right, kind, strict)) return false;
  if (TypedArrayPrototypeGetSymbolToStringTag(left) !== undefined) return compareKeys(left, right, strict, memo, 'TypedArray', itemless(left), itemless(right));
  return compareKeys(left, right, strict, memo, kind, ObjectKeys(left), undefined);
}

const index = /^(?:0|[1-9][0-9]*)$/;

/** The enumerable keys beside the indices. */
function itemless(list) {
  const keys = ObjectKeys(list);
  const rest = [];
  for (let i = 0; i < keys.length; i++) if (RegExpPrototypeExec(index, keys[i]) === null) ArrayPrototypePush(rest, keys[i]);
  return rest;
}

/** Whether what the objects hold beside properties and members is the same. */
function alike(left, right, kind, strict) {
  const view = TypedArrayPrototypeGetSymbolToStringTag(left);
  if (view !== undefined) {
    if (view !== TypedArrayPrototypeGetSymbolToStringTag(right)) return false;
    const length = TypedArrayPrototypeGetLength(left);
    if (length !== TypedArrayPrototypeGetLength(right)) return false;
    if (!strict && (view === 'Float32Array' || view === 'Float64Array')) {
      for (let i = 0; i < length; i++) if (left[i] !== right[i]) return false;
      return true;
    }
    return ops.bufferCompare(left, 0, undefined, right, 0, undefined) === 0;
  }
  switch (kind) {
    case 'Date':
      return DatePrototypeGetTime(left) === DatePrototypeGetTime(right) || (DatePrototypeGetTime(left) !== DatePrototypeGetTime(left) && DatePrototypeGetTime(right) !== DatePrototypeGetTime(right));
    case 'RegExp':
      return RegExpPrototypeGetSource(left) === RegExpPrototypeGetSource(right) && flags(left) === flags(right) && left.lastIndex === right.lastIndex;
    case 'Error':
      return left.message === right.message && left.name === right.name && equalOwn(left, right, 'cause', strict) && equalOwn(left, right, 'errors', strict);
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return left.byteLength === right.byteLength && ops.bufferCompare(new Uint8Array(left), 0, undefined, new Uint8Array(right), 0, undefined) === 0;
    case 'DataView':
      return left.byteLength === right.byteLength && ops.bufferCompare(left, 0, undefined, right, 0, undefined) === 0;
    case 'Set':
      return SetPrototypeGetSize(left) === SetPrototypeGetSize(right);
    case 'Map':
      return MapPrototypeGetSize(left) === MapPrototypeGetSize(right);
    case 'Number':
      return ObjectIs(NumberPrototypeValueOf(left), NumberPrototypeValueOf(right));
    case 'String':
      return StringPrototypeValueOf(left) === StringPrototypeValueOf(right);
    case 'Boolean':
      return BooleanPrototypeValueOf(left) === BooleanPrototypeValueOf(right);
    case 'BigInt':
      return BigIntPrototypeValueOf(left) === BigIntPrototypeValueOf(right);
    case 'Symbol':
      return SymbolPrototypeValueOf(left) === SymbolPrototypeValueOf(right);
    default:
      return true;
  }
}

function equalOwn(left, right, key, strict) {
  if (ObjectHasOwn(left, key) !== ObjectHasOwn(right, key)) return false;
  return !ObjectHasOwn(left, key) || equal(left[key], right[key], strict, undefined);
}

function flags(value) {
  let text = '';
  const letters = 'dgimsuvy';
  for (let i = 0; i < letters.length; i++) if (RegExpFlagGetters[letters[i]](value)) text += letters[i];
  return text;
}

function compareKeys(left, right, strict, memo, kind, leftKeys, rightKeys) {
  rightKeys ??= ObjectKeys(right);
  if (leftKeys.length !== rightKeys.length) return false;
  for (let i = 0; i < leftKeys.length; i++) if (!ObjectPrototypePropertyIsEnumerable(right, leftKeys[i])) return false;
  let keys = leftKeys;
  if (strict) {
    keys = [];
    for (let i = 0; i < leftKeys.length; i++) ArrayPrototypePush(keys, leftKeys[i]);
    const symbols = enumerableSymbols(left);
    const others = enumerableSymbols(right);
    if (symbols.length !== others.length) return false;
    for (let i = 0; i < symbols.length; i++) {
      if (!ObjectPrototypePropertyIsEnumerable(right, symbols[i])) return false;
      ArrayPrototypePush(keys, symbols[i]);
    }
  }
  // What is being compared already is equal if the rest is.
  memo ??= { __proto__: null, left: new Map(), right: new Map(), depth: 0 };
  const before = MapPrototypeGet(memo.left, left);
  if (before !== undefined) {
    const other = MapPrototypeGet(memo.right, right);
    if (other !== undefined) return before === other;
  }
  memo.depth++;
  MapPrototypeSet(memo.left, left, memo.depth);
  MapPrototypeSet(memo.right, right, memo.depth);
  const result = compareMembers(left, right, strict, memo, kind, keys);
  if (before === undefined) MapPrototypeDelete(memo.left, left);
  MapPrototypeDelete(memo.right, right);
  return result;
}

function enumerableSymbols(object) {
  const all = ObjectGetOwnPropertySymbols(object);
  const enumerable = [];
  for (let i = 0; i < all.length; i++) if (ObjectPrototypePropertyIsEnumerable(object, all[i])) ArrayPrototypePush(enumerable, all[i]);
  return enumerable;
}

function compareMembers(left, right, strict, memo, kind, keys) {
  if (kind === 'Set' && !equalSets(left, right, strict, memo)) return false;
  if (kind === 'Map' && !equalMaps(left, right, strict, memo)) return false;
  if (kind === 'Array') {
    for (let i = 0; i < left.length; i++) {
      if (ObjectHasOwn(left, i)) {
        if (!ObjectHasOwn(right, i) || !equal(left[i], right[i], strict, memo)) return false;
      } else if (ObjectHasOwn(right, i)) {
        return false;
      }
    }
  }
  for (let i = 0; i < keys.length; i++) if (!equal(left[keys[i]], right[keys[i]], strict, memo)) return false;
  return true;
}

const isSimple = (value, strict) => strict ? !isObject(value) : typeof value === 'symbol' || typeof value === 'function';

function equalSets(left, right, strict, memo) {
  const unmatched = [];
  SetPrototypeForEach(left, (value) => {
    if (!SetPrototypeHas(right, value)) ArrayPrototypePush(unmatched, value);
  });
  if (unmatched.length === 0) return true;
  for (let i = 0; i < unmatched.length; i++) if (isSimple(unmatched[i], strict)) return false;
  const candidates = [];
  SetPrototypeForEach(right, (value) => {
    if (!SetPrototypeHas(left, value)) ArrayPrototypePush(candidates, value);
  });
  return matchAll(unmatched, candidates, (one, other) => equal(one, other, strict, memo));
}

function equalMaps(left, right, strict, memo) {
  const unmatched = [];
  let same = true;
  MapPrototypeForEach(left, (value, key) => {
    if (!same) return;
    if (MapPrototypeHas(right, key)) same = equal(value, MapPrototypeGet(right, key), strict, memo);
    else if (isSimple(key, strict)) same = false;
    else ArrayPrototypePush(unmatched, [key, value]);
  });
  if (!same) return false;
  if (unmatched.length === 0) return true;
  const candidates = [];
  MapPrototypeForEach(right, (value, key) => {
    if (!MapPrototypeHas(left, key)) ArrayPrototypePush(candidates, [key, value]);
  });
  return matchAll(unmatched, candidates, (one, other) => equal(one[0], other[0], strict, memo) && equal(one[1], other[1], strict, memo));
}

/** Whether each of `list` has one of `candidates` for itself. */
function matchAll(list, candidates, matches) {
  if (list.length !== candidates.length) return false;
  const taken = [];
  for (let i = 0; i < list.length; i++) {
    let found = -1;
    for (let j = 0; j < candidates.length && found === -1; j++) if (!taken[j] && matches(list[i], candidates[j])) found = j;
    if (found === -1) return false;
    taken[found] = true;
  }
  return true;
}
