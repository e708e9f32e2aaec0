// @ts-check
/**
 * Errors of the node: modules, as https://nodejs.org/docs/latest-v20.x/api/errors.html describes them: an error
 * class with a `code`.
 */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeSlice, Error, ObjectDefineProperty, ObjectGetPrototypeOf, RegExpPrototypeExec, StringPrototypeEndsWith, StringPrototypeIncludes,
  StringPrototypeSlice, StringPrototypeToLowerCase, TypeError,
} from '../primordials.js';
import { SyntaxError, URIError } from '../primordials/errors.js';
import { RangeError } from '../primordials/range_error.js';

/** An error of class `Base` with this code; `properties` are added to it. */
export function nodeError(Base, code, message, properties = undefined) {
  const error = new Base(message);
  ObjectDefineProperty(error, 'toString', {
    __proto__: null,
    value() {
      return `${this.name} [${code}]: ${this.message}`;
    },
    writable: true,
    enumerable: false,
    configurable: true,
  });
  if (properties !== undefined) for (const key in properties) error[key] = properties[key];
  error.code = code;
  return error;
}

export const typeError = (code, message, properties = undefined) => nodeError(TypeError, code, message, properties);
export const rangeError = (code, message, properties = undefined) => nodeError(RangeError, code, message, properties);
export const plainError = (code, message, properties = undefined) => nodeError(Error, code, message, properties);
export const uriError = (code, message) => nodeError(URIError, code, message);
export const syntaxError = (code, message) => nodeError(SyntaxError, code, message);

const className = /^(?:[A-Z][a-zA-Z0-9]*)$/;
const primitiveNames = { __proto__: null, string: 1, function: 1, number: 1, object: 1, Function: 1, Object: 1, boolean: 1, bigint: 1, symbol: 1 };

/** ERR_INVALID_ARG_TYPE. `expected`: one type, or an array of them. */
export function invalidArgType(name, expected, actual) {
  const list = typeof expected === 'string' ? [expected] : expected;
  let message = 'The ';
  if (StringPrototypeEndsWith(name, ' argument')) message += `${name} `;
  else message += `"${name}" ${StringPrototypeIncludes(name, '.') ? 'property' : 'argument'} `;
  message += 'must be ';
  const types = [];
  const instances = [];
  const others = [];
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (value in primitiveNames) ArrayPrototypePush(types, StringPrototypeToLowerCase(value));
    else if (RegExpPrototypeExec(className, value) !== null) ArrayPrototypePush(instances, value);
    else ArrayPrototypePush(others, value);
  }
  // An object is worth naming beside classes as one of them.
  if (instances.length > 0) {
    for (let i = 0; i < types.length; i++) {
      if (types[i] !== 'object') continue;
      const rest = [];
      for (let j = 0; j < types.length; j++) if (j !== i) ArrayPrototypePush(rest, types[j]);
      types.length = 0;
      for (let j = 0; j < rest.length; j++) ArrayPrototypePush(types, rest[j]);
      ArrayPrototypePush(instances, 'Object');
      break;
    }
  }
  if (types.length > 0) message += `${types.length > 1 ? 'one of type' : 'of type'} ${formatList(types)}`;
  if (types.length > 0 && (instances.length > 0 || others.length > 0)) message += ' or ';
  if (instances.length > 0) message += `an instance of ${formatList(instances)}`;
  if (instances.length > 0 && others.length > 0) message += ' or ';
  if (others.length > 1) message += `one of ${formatList(others)}`;
  else if (others.length === 1) message += `${StringPrototypeToLowerCase(others[0]) !== others[0] ? 'an ' : ''}${others[0]}`;
  return typeError('ERR_INVALID_ARG_TYPE', `${message}.${received(actual)}`);
}

/** "a, b or c". */
export function formatList(list, word = 'or') {
  if (list.length === 1) return list[0];
  if (list.length === 2) return `${list[0]} ${word} ${list[1]}`;
  let text = '';
  for (let i = 0; i < list.length - 1; i++) text += `${list[i]}, `;
  return `${text}${word} ${list[list.length - 1]}`;
}

const inspect = (value, options) => lazy('./node/inspect.js').inspect(value, options);

function received(value) {
  if (value === null || value === undefined) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    if (value.constructor?.name) return ` Received an instance of ${value.constructor.name}`;
    return ` Received ${inspect(value, { depth: -1 })}`;
  }
  let text = inspect(value, { colors: false });
  if (text.length > 28) text = `${StringPrototypeSlice(text, 0, 25)}...`;
  return ` Received type ${typeof value} (${text})`;
}

/** ERR_INVALID_ARG_VALUE. */
export function invalidArgValue(name, value, reason = 'is invalid', Base = TypeError) {
  let text = inspect(value);
  if (text.length > 128) text = `${StringPrototypeSlice(text, 0, 128)}...`;
  return nodeError(Base, 'ERR_INVALID_ARG_VALUE', `The ${StringPrototypeIncludes(name, '.') ? 'property' : 'argument'} '${name}' ${reason}. Received ${text}`);
}

/** ERR_OUT_OF_RANGE. `range`: "It must be …" without these words. */
export function outOfRange(name, range, value) {
  let text;
  if (typeof value === 'number' && value % 1 === 0 && (value > 2 ** 32 || value < -(2 ** 32))) text = withSeparators(`${value}`);
  else if (typeof value === 'bigint') text = `${value > 2n ** 32n || value < -(2n ** 32n) ? withSeparators(`${value}`) : value}n`;
  else text = inspect(value);
  return rangeError('ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${range}. Received ${text}`);
}

export function withSeparators(digits) {
  let text = '';
  let end = digits.length;
  const start = digits[0] === '-' ? 1 : 0;
  for (; end >= start + 4; end -= 3) text = `_${StringPrototypeSlice(digits, end - 3, end)}${text}`;
  return `${StringPrototypeSlice(digits, 0, end)}${text}`;
}

/** ERR_MISSING_ARGS. */
export function missingArgs(...names) {
  const quoted = [];
  for (let i = 0; i < names.length; i++) ArrayPrototypePush(quoted, `"${names[i]}"`);
  const last = quoted.length - 1;
  const text = quoted.length === 1 ? quoted[0] : quoted.length === 2 ? `${quoted[0]} and ${quoted[1]}` : `${ArrayPrototypeJoin(ArrayPrototypeSlice(quoted, 0, last), ', ')}, and ${quoted[last]}`;
  return typeError('ERR_MISSING_ARGS', `The ${text} argument${quoted.length === 1 ? '' : 's'} must be specified`);
}

/** The error of a function that Insula cannot have: it names the function. */
export function notAvailable(name) {
  return plainError('ERR_METHOD_NOT_IMPLEMENTED', `${name} is not available in Insula`);
}

/** What an aborted operation throws: `name` "AbortError", `code` "ABORT_ERR". */
export class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

/** Whether `error`'s chain of prototypes reaches an error of this realm. */
export function isErrorLike(error) {
  for (let object = error; object !== null && typeof object === 'object'; object = ObjectGetPrototypeOf(object)) {
    if (object === Error.prototype) return true;
  }
  return false;
}
