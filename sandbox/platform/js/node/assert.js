// @ts-check
/** `node:assert` (https://nodejs.org/docs/latest-v20.x/api/assert.html). */

import {
  ArrayPrototypePush, Error, ObjectAssign, ObjectDefineProperty, ObjectIs, ObjectKeys, ReflectApply, RegExp, RegExpPrototypeExec, StringPrototypeSplit,
} from '../primordials.js';
import { invalidArgType, invalidArgValue, missingArgs } from './errors.js';
import { inspect } from './inspect.js';
import { invalidReturn } from './stream_errors.js';
import { isDeepEqual } from './util_equal.js';
import { stubs } from './unavailable.js';

const headings = {
  __proto__: null, deepStrictEqual: 'Expected values to be strictly deep-equal:', strictEqual: 'Expected values to be strictly equal:', deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:', notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
};

const show = (value) => inspect(value, { compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false, showProxy: false, sorted: true, getters: true, breakLength: Infinity });

function generated(operator, actual, expected, heading = headings[operator]) {
  if (heading === undefined) {
    const words = { __proto__: null, '==': '==', '!=': '!=', match: 'match', doesNotMatch: 'doesNotMatch' }[operator] ?? operator;
    return `${inspect(actual)} ${words} ${inspect(expected)}`;
  }
  if (operator[0] === 'n') {
    const text = show(actual);
    return StringPrototypeSplit(text, '\n').length === 1 ? `${heading} ${text}` : `${heading}\n\n${text}\n`;
  }
  const left = show(actual);
  const right = show(expected);
  if (operator === 'deepEqual') return `${heading}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  const isSimple = (typeof actual !== 'object' || actual === null) && (typeof expected !== 'object' || expected === null);
  if (operator === 'strictEqual' && isSimple && left.length + right.length <= 12 && (actual !== 0 || expected !== 0)) return `${heading}\n\n${left} !== ${right}\n`;
  return `${heading}\n+ actual - expected\n\n${compareLines(StringPrototypeSplit(left, '\n'), StringPrototypeSplit(right, '\n'))}`;
}

/** Both texts line by line: what they begin and end with in common once. */
function compareLines(left, right) {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  const lines = [];
  for (let i = 0; i < start; i++) ArrayPrototypePush(lines, `  ${left[i]}`);
  for (let i = start; i < left.length - end; i++) ArrayPrototypePush(lines, `+ ${left[i]}`);
  for (let i = start; i < right.length - end; i++) ArrayPrototypePush(lines, `- ${right[i]}`);
  for (let i = left.length - end; i < left.length; i++) ArrayPrototypePush(lines, `  ${left[i]}`);
  let text = '';
  for (let i = 0; i < lines.length; i++) text += `${i === 0 ? '' : '\n'}${lines[i]}`;
  return text;
}

export class AssertionError extends Error {
  constructor(options) {
    if (options === null || typeof options !== 'object') throw invalidArgType('options', 'Object', options);
    const { message, operator, actual, expected } = options;
    const isGiven = message !== undefined && message !== null;
    const compares = operator === 'strictEqual' || operator === 'deepStrictEqual';
    super(isGiven && !compares ? `${message}` : operator === undefined ? 'Failed' : generated(operator, actual, expected, isGiven ? `${message}` : undefined));
    this.generatedMessage = message === undefined || message === null;
    ObjectDefineProperty(this, 'name', { __proto__: null, value: 'AssertionError', enumerable: false, writable: true, configurable: true });
    this.code = 'ERR_ASSERTION';
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

function failed(message, actual, expected, operator, generatedMessage = undefined) {
  if (message instanceof Error) return message;
  const error = new AssertionError({ message, actual, expected, operator });
  if (generatedMessage !== undefined) error.generatedMessage = generatedMessage;
  return error;
}

function checkOk(args) {
  if (args[0]) return;
  let [value, message] = args;
  let isGenerated = false;
  if (args.length === 0) {
    isGenerated = true;
    message = 'No value argument passed to `assert.ok()`';
  } else if (message === undefined || message === null) {
    isGenerated = true;
    message = 'The expression evaluated to a falsy value';
  }
  throw failed(message, value, true, '==', isGenerated);
}

/** @type {any} */
export function ok(...args) {
  checkOk(args);
}

/** @type {any} */
function assert(...args) {
  checkOk(args);
}

export function fail(message = undefined) {
  if (message instanceof Error) throw message;
  const error = new AssertionError({ message: message ?? 'Failed', operator: 'fail' });
  error.generatedMessage = message === undefined;
  throw error;
}

const need = (args) => {
  if (args.length < 2) throw missingArgs('actual', 'expected');
};

export function equal(actual, expected, message) {
  need(arguments);
  if (actual != expected && (actual === actual || expected === expected)) throw failed(message, actual, expected, '==');
}
export function notEqual(actual, expected, message) {
  need(arguments);
  if (actual == expected || (actual !== actual && expected !== expected)) throw failed(message, actual, expected, '!=');
}
export function deepEqual(actual, expected, message) {
  need(arguments);
  if (!isDeepEqual(actual, expected, false)) throw failed(message, actual, expected, 'deepEqual');
}
export function notDeepEqual(actual, expected, message) {
  need(arguments);
  if (isDeepEqual(actual, expected, false)) throw failed(message, actual, expected, 'notDeepEqual');
}
export function deepStrictEqual(actual, expected, message) {
  need(arguments);
  if (!isDeepEqual(actual, expected, true)) throw failed(message, actual, expected, 'deepStrictEqual');
}
export function notDeepStrictEqual(actual, expected, message) {
  need(arguments);
  if (isDeepEqual(actual, expected, true)) throw failed(message, actual, expected, 'notDeepStrictEqual');
}
export function strictEqual(actual, expected, message) {
  need(arguments);
  if (!ObjectIs(actual, expected)) throw failed(message, actual, expected, 'strictEqual');
}
export function notStrictEqual(actual, expected, message) {
  need(arguments);
  if (ObjectIs(actual, expected)) throw failed(message, actual, expected, 'notStrictEqual');
}

const isRegExp = (value) => value instanceof RegExp;

function matches(string, regexp, message, expected, operator) {
  if (!isRegExp(regexp)) throw invalidArgType('regexp', 'RegExp', regexp);
  if (typeof string === 'string' && (RegExpPrototypeExec(regexp, string) !== null) === expected) return;
  if (message instanceof Error) throw message;
  const isGenerated = !message;
  let text = message;
  if (isGenerated) {
    if (typeof string !== 'string') text = `The "string" argument must be of type string. Received type ${typeof string} (${inspect(string)})`;
    else text = `${expected ? 'The input did not match the regular expression ' : 'The input was expected to not match the regular expression '}${inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
  }
  throw failed(text, string, regexp, operator, isGenerated);
}

export function match(string, regexp, message) {
  matches(string, regexp, message, true, 'match');
}
export function doesNotMatch(string, regexp, message) {
  matches(string, regexp, message, false, 'doesNotMatch');
}

export function ifError(value) {
  if (value === null || value === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof value === 'object' && typeof value.message === 'string') message += value.message.length === 0 && value.constructor ? value.constructor.name : value.message;
  else message += inspect(value);
  const error = new AssertionError({ actual: value, expected: null, operator: 'ifError', message });
  error.generatedMessage = true;
  throw error;
}

// Exceptions.

const nothing = {};

function thrownBy(fn) {
  if (typeof fn !== 'function') throw invalidArgType('fn', 'Function', fn);
  try {
    fn();
  } catch (error) {
    return error;
  }
  return nothing;
}

async function rejectionOf(promiseFn) {
  let promise = promiseFn;
  if (typeof promiseFn === 'function') {
    promise = promiseFn();
    if (typeof promise?.then !== 'function') throw invalidReturn('instance of Promise', 'promiseFn', promise);
  } else if (typeof promiseFn?.then !== 'function') {
    throw invalidArgType('promiseFn', ['Function', 'Promise'], promiseFn);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return nothing;
}

/** Throws unless an error is what was expected. */
function judge(actual, expected, message, operator) {
  if (typeof expected === 'string') {
    message = expected;
    expected = undefined;
  } else if (expected !== undefined && expected !== null && typeof expected !== 'object' && typeof expected !== 'function') {
    throw invalidArgType('error', ['Object', 'Error', 'Function', 'RegExp'], expected);
  }
  if (actual === nothing) {
    let details = '';
    if (expected?.name) details += ` (${expected.name})`;
    details += message ? `: ${message}` : '.';
    throw failed(`Missing expected ${operator === 'rejects' ? 'rejection' : 'exception'}${details}`, undefined, expected, operator);
  }
  if (expected === undefined || expected === null) return;
  if (typeof expected === 'function') {
    if (expected.prototype !== undefined && actual instanceof expected) return;
    if (expected === Error || expected.prototype instanceof Error) {
      const text = message ?? `The error is expected to be an instance of "${expected.name}". Received "${actual?.constructor?.name ?? inspect(actual)}"${actual?.message ? `\n\nError message:\n\n${actual.message}` : ''}`;
      throw failed(text, actual, expected, operator, message === undefined);
    }
    if (ReflectApply(expected, {}, [actual]) === true) return;
    const text = message ?? `The ${expected.name ? `"${expected.name}" ` : ''}validation function is expected to return "true". Received ${inspect(ReflectApply(expected, {}, [actual]))}`;
    throw failed(text, actual, expected, operator, message === undefined);
  }
  if (isRegExp(expected)) {
    if (RegExpPrototypeExec(expected, `${actual}`) !== null) return;
    throw failed(message ?? `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(`${actual}`)}\n`, actual, expected, operator, message === undefined);
  }
  const keys = ObjectKeys(expected);
  if (expected instanceof Error) ArrayPrototypePush(keys, 'name', 'message');
  else if (keys.length === 0) throw invalidArgValue('error', expected, 'may not be an empty object');
  for (let i = 0; i < keys.length; i++) {
    const wanted = expected[keys[i]];
    if (typeof actual?.[keys[i]] === 'string' && isRegExp(wanted) && RegExpPrototypeExec(wanted, actual[keys[i]]) !== null) continue;
    if (actual !== null && typeof actual === 'object' && keys[i] in actual && isDeepEqual(actual[keys[i]], wanted, true)) continue;
    const left = {};
    const right = {};
    for (let j = 0; j < keys.length; j++) {
      if (actual !== null && typeof actual === 'object' && keys[j] in actual) left[keys[j]] = actual[keys[j]];
      right[keys[j]] = expected[keys[j]];
    }
    const error = failed(message, left, right, 'deepStrictEqual');
    if (!(message instanceof Error)) {
      error.actual = actual;
      error.expected = expected;
      error.operator = operator;
    }
    throw error;
  }
}

export function throws(fn, ...args) {
  judge(thrownBy(fn), args[0], args[1], 'throws');
}
export async function rejects(promiseFn, ...args) {
  judge(await rejectionOf(promiseFn), args[0], args[1], 'rejects');
}

function judgeUnwanted(actual, expected, message, operator) {
  if (actual === nothing) return;
  if (typeof expected === 'string') {
    message = expected;
    expected = undefined;
  }
  const isExpected = expected === undefined || (typeof expected === 'function' ? actual instanceof expected : isRegExp(expected) && RegExpPrototypeExec(expected, `${actual}`) !== null);
  if (!isExpected) throw actual;
  const details = message ? `: ${message}` : '.';
  throw failed(`Got unwanted ${operator === 'doesNotReject' ? 'rejection' : 'exception'}${details}\nActual message: "${actual?.message}"`, actual, expected, operator);
}

export function doesNotThrow(fn, ...args) {
  judgeUnwanted(thrownBy(fn), args[0], args[1], 'doesNotThrow');
}
export async function doesNotReject(fn, ...args) {
  judgeUnwanted(await rejectionOf(fn), args[0], args[1], 'doesNotReject');
}

export const { CallTracker } = stubs('assert', ['CallTracker']);

const members = {
  fail, AssertionError, ok, equal, notEqual, deepEqual, notDeepEqual, deepStrictEqual, notDeepStrictEqual, strictEqual, notStrictEqual, throws, rejects, doesNotThrow, doesNotReject, ifError, match,
  doesNotMatch, CallTracker,
};

/** @type {any} */
export function strict(...args) {
  checkOk(args);
}
ObjectAssign(assert, members, { strict });
ObjectAssign(strict, members, { equal: strictEqual, deepEqual: deepStrictEqual, notEqual: notStrictEqual, notDeepEqual: notDeepStrictEqual, strict });

export default assert;
