// @ts-check
/** `util.format` (https://nodejs.org/docs/latest-v20.x/api/util.html#utilformatformat-args). */

import {
  Number, NumberParseFloat, NumberParseInt, ObjectGetPrototypeOf, ObjectHasOwn, String as StringFrom, StringPrototypeCharCodeAt,
  StringPrototypeIncludes, StringPrototypeSlice,
} from '../primordials.js';
import { JSONStringify } from '../primordials/json.js';
import { invalidArgType } from './errors.js';
import { formatNumber, inspect } from './inspect.js';

export function format(...args) {
  return formatArguments(undefined, args);
}

export function formatWithOptions(inspectOptions, ...args) {
  if (typeof inspectOptions !== 'object' || inspectOptions === null) throw invalidArgType('inspectOptions', 'object', inspectOptions);
  return formatArguments(inspectOptions, args);
}

function formatArguments(options, args) {
  const first = args[0];
  let text = '';
  let next = 0;
  if (typeof first === 'string') {
    if (args.length === 1) return first;
    let start = 0;
    next = 1;
    for (let i = 0; i < first.length - 1; i++) {
      if (StringPrototypeCharCodeAt(first, i) !== 37) continue;
      const letter = first[++i];
      if (letter === '%') {
        text += StringPrototypeSlice(first, start, i);
        start = i + 1;
        continue;
      }
      if (next === args.length) continue;
      const converted = convert(letter, args[next], options);
      if (converted === undefined) continue;
      text += StringPrototypeSlice(first, start, i - 1) + converted;
      start = i + 1;
      next++;
    }
    if (start !== 0) text += StringPrototypeSlice(first, start);
    else text = first;
  }
  for (; next < args.length; next++) {
    const value = args[next];
    text += `${next === 0 ? '' : ' '}${typeof value === 'string' ? value : inspect(value, { ...options, compact: 3, colors: false, depth: 2, ...options })}`;
  }
  return text;
}

function convert(letter, value, options) {
  switch (letter) {
    case 's':
      if (typeof value === 'number') return formatNumber(value, options?.numericSeparator);
      if (typeof value === 'bigint') return `${value}n`;
      if (typeof value !== 'object' || value === null || !hasBuiltInToString(value)) return StringFrom(value);
      return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
    case 'd':
      if (typeof value === 'bigint') return `${value}n`;
      return typeof value === 'symbol' ? 'NaN' : formatNumber(Number(value), options?.numericSeparator);
    case 'i':
      if (typeof value === 'bigint') return `${value}n`;
      return typeof value === 'symbol' ? 'NaN' : formatNumber(NumberParseInt(value), options?.numericSeparator);
    case 'f':
      return typeof value === 'symbol' ? 'NaN' : formatNumber(NumberParseFloat(value), options?.numericSeparator);
    case 'j':
      return stringify(value);
    case 'o':
      return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case 'O':
      return inspect(value, options);
    case 'c':
      return '';
    default:
      return undefined;
  }
}

function stringify(value) {
  try {
    return `${JSONStringify(value)}`;
  } catch (error) {
    if (StringPrototypeIncludes(`${error?.message}`, 'cyclic')) return '[Circular]';
    throw error;
  }
}

/** Whether making a string of an object would tell nothing: `[object Object]`. */
function hasBuiltInToString(value) {
  if (typeof value.toString !== 'function') return true;
  if (ObjectHasOwn(value, 'toString')) return false;
  // The nearest class decides, unless it is one of the language's own.
  let pointer = value;
  do pointer = ObjectGetPrototypeOf(pointer);
  while (pointer !== null && !ObjectHasOwn(pointer, 'toString'));
  const constructor = pointer === null ? undefined : pointer.constructor;
  if (typeof constructor !== 'function') return false;
  return constructor === globalThis[constructor.name];
}
