// @ts-check
/** Checks of arguments that the node: modules share; each throws what Node.js throws. */

import { ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypeJoin, ArrayPrototypePush, NumberIsInteger } from '../primordials.js';
import { invalidArgType, invalidArgValue, outOfRange } from './errors.js';

export function validateString(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'string', value);
}

export function validateBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'boolean', value);
}

export function validateFunction(value, name) {
  if (typeof value !== 'function') throw invalidArgType(name, 'Function', value);
}

export function validateNumber(value, name, min = undefined, max = undefined) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if ((min !== undefined && value < min) || (max !== undefined && value > max) || ((min !== undefined || max !== undefined) && value !== value)) {
    const range = `${min !== undefined ? `>= ${min}` : ''}${min !== undefined && max !== undefined ? ' && ' : ''}${max !== undefined ? `<= ${max}` : ''}`;
    throw outOfRange(name, range, value);
  }
}

export function validateInteger(value, name, min = -(2 ** 53 - 1), max = 2 ** 53 - 1) {
  if (typeof value !== 'number') throw invalidArgType(name, 'number', value);
  if (!NumberIsInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

export function validateUint32(value, name, positive = false) {
  validateInteger(value, name, positive ? 1 : 0, 2 ** 32 - 1);
}

export function validateInt32(value, name, min = -(2 ** 31), max = 2 ** 31 - 1) {
  validateInteger(value, name, min, max);
}

export function validateObject(value, name) {
  if (value === null || typeof value !== 'object' || ArrayIsArray(value)) throw invalidArgType(name, 'Object', value);
}

export function validateArray(value, name) {
  if (!ArrayIsArray(value)) throw invalidArgType(name, 'Array', value);
}

export function validateAbortSignal(signal, name) {
  if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
    throw invalidArgType(name, 'AbortSignal', signal);
  }
}

export function validateOneOf(value, name, oneOf) {
  if (ArrayPrototypeIncludes(oneOf, value)) return;
  const shown = [];
  for (let i = 0; i < oneOf.length; i++) ArrayPrototypePush(shown, typeof oneOf[i] === 'string' ? `'${oneOf[i]}'` : `${oneOf[i]}`);
  throw invalidArgValue(name, value, `must be one of: ${ArrayPrototypeJoin(shown, ', ')}`);
}
