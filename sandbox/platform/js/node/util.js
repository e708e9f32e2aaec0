// @ts-check
/** `node:util` (https://nodejs.org/docs/latest-v20.x/api/util.html). */

import { TextDecoder, TextEncoder } from '../encoding.js';
import { ifLoaded, lazy } from '../lazy.js';
import {
  ArrayIsArray, ArrayPrototypePush, Error, Map, MapPrototypeSet, NumberPrototypeToString, ObjectDefineProperties, ObjectDefineProperty, ObjectEntries, ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf, ObjectKeys, ObjectSetPrototypeOf, Promise, PromisePrototypeThen, ReflectApply, ReflectConstruct, ReflectOwnKeys, StringPrototypeSplit, StringPrototypeStartsWith,
  StringPrototypeEndsWith, StringPrototypeSlice, StringPrototypeToUpperCase, StringPrototypeToWellFormed, Symbol, SymbolFor,
} from '../primordials.js';
import { Buffer } from './buffer_class.js';
import { invalidArgType, invalidArgValue, plainError } from './errors.js';
import { inspect } from './inspect.js';
import { colors, stripCodes } from './inspect_layout.js';
import { parseArgs } from './util_args.js';
import { isDeepStrictEqual } from './util_equal.js';
import { format, formatWithOptions } from './util_format.js';
import { MIMEParams, MIMEType } from './util_mime.js';
import types from './util_types.js';
import { validateAbortSignal, validateFunction, validateString } from './validators.js';

export { format, formatWithOptions, inspect, isDeepStrictEqual, MIMEParams, MIMEType, parseArgs, TextDecoder, TextEncoder, types };

// Callbacks and promises.

const kCustomPromisify = SymbolFor('nodejs.util.promisify.custom');
/** Names for several results of a callback, where an object of them is more use than the first alone. */
export const customPromisifyArgs = Symbol('customPromisifyArgs');

/** @type {any} */
export function promisify(original) {
  validateFunction(original, 'original');
  if (original[kCustomPromisify]) {
    const own = original[kCustomPromisify];
    validateFunction(own, 'util.promisify.custom');
    return ObjectDefineProperty(own, kCustomPromisify, { __proto__: null, value: own, enumerable: false, writable: false, configurable: true });
  }
  // The global functions do not know of promises until somebody asks.
  const timers = ifLoaded('./timers.js');
  if (timers !== undefined && (original === timers.setTimeout || original === timers.setImmediate)) {
    return lazy('./node/timers_promises.js')[original === timers.setTimeout ? 'setTimeout' : 'setImmediate'];
  }
  const argumentNames = original[customPromisifyArgs];
  function promised(...args) {
    return new Promise((resolve, reject) => {
      ArrayPrototypePush(args, (error, ...values) => {
        if (error) return reject(error);
        if (argumentNames === undefined || values.length <= 1) return resolve(values[0]);
        const named = {};
        for (let i = 0; i < argumentNames.length; i++) named[argumentNames[i]] = values[i];
        return resolve(named);
      });
      ReflectApply(original, this, args);
    });
  }
  ObjectSetPrototypeOf(promised, ObjectGetPrototypeOf(original));
  ObjectDefineProperty(promised, kCustomPromisify, { __proto__: null, value: promised, enumerable: false, writable: false, configurable: true });
  return copyProperties(promised, original);
}
promisify.custom = kCustomPromisify;

function copyProperties(target, source) {
  const keys = ReflectOwnKeys(source);
  for (let i = 0; i < keys.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(source, keys[i]);
    const own = ObjectGetOwnPropertyDescriptor(target, keys[i]);
    if (own === undefined || own.configurable) ObjectDefineProperty(target, keys[i], { __proto__: null, ...descriptor });
    else if (own.writable) target[keys[i]] = source[keys[i]];
  }
  return target;
}

export function callbackify(original) {
  validateFunction(original, 'original');
  function callbackified(...args) {
    const callback = args[args.length - 1];
    validateFunction(callback, 'last argument');
    args.length--;
    const { nextTick } = lazy('./node/process.js');
    const answer = (...results) => ReflectApply(callback, this, results);
    PromisePrototypeThen(
      ReflectApply(original, this, args),
      (value) => nextTick(answer, null, value),
      (reason) => {
        const error = reason || plainError('ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value', { reason });
        nextTick(answer, error);
      },
    );
  }
  const descriptors = {};
  const keys = ReflectOwnKeys(original);
  for (let i = 0; i < keys.length; i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(original, keys[i]);
    if (keys[i] === 'length' && typeof descriptor.value === 'number') descriptor.value++;
    if (keys[i] === 'name' && typeof descriptor.value === 'string') descriptor.value += 'Callbackified';
    if (keys[i] !== 'prototype' && keys[i] !== 'arguments' && keys[i] !== 'caller') descriptors[keys[i]] = ObjectSetPrototypeOf(descriptor, null);
  }
  ObjectDefineProperties(callbackified, descriptors);
  return callbackified;
}

/** Resolves when `signal` aborts. The resource only matters to a collector that knows it. */
export async function aborted(signal, resource) {
  if (signal === undefined) throw invalidArgType('signal', 'AbortSignal', signal);
  validateAbortSignal(signal, 'signal');
  if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) throw invalidArgType('resource', 'Object', resource);
  if (signal.aborted) return undefined;
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { __proto__: null, once: true }));
}

export function transferableAbortController() {
  return new (lazy('./abort.js').AbortController)();
}

export function transferableAbortSignal(signal) {
  if (signal === undefined) throw invalidArgType('signal', 'AbortSignal', signal);
  return signal;
}

// Classes and warnings.

export function inherits(constructor, superConstructor) {
  if (constructor === undefined || constructor === null) throw invalidArgType('ctor', 'Function', constructor);
  if (superConstructor === undefined || superConstructor === null) throw invalidArgType('superCtor', 'Function', superConstructor);
  if (superConstructor.prototype === undefined) throw invalidArgType('superCtor.prototype', 'Object', superConstructor.prototype);
  ObjectDefineProperty(constructor, 'super_', { __proto__: null, value: superConstructor, writable: true, configurable: true });
  ObjectSetPrototypeOf(constructor.prototype, superConstructor.prototype);
}

const told = { __proto__: null };

export function deprecate(fn, message, code = undefined) {
  let warned = false;
  function deprecated(...args) {
    if (!warned) {
      warned = true;
      if (code === undefined || !told[code]) {
        if (code !== undefined) told[code] = true;
        lazy('./node/process.js').emitWarning(message, 'DeprecationWarning', code, deprecated);
      }
    }
    return new.target ? ReflectConstruct(fn, args, new.target) : ReflectApply(fn, this, args);
  }
  ObjectSetPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

/** A logger for the section `set`, which is on when the variable `NODE_DEBUG` names it. */
export function debuglog(set, callback = undefined) {
  const upper = StringPrototypeToUpperCase(`${set}`);
  let enabled;
  const isEnabled = () => {
    if (enabled === undefined) {
      const names = StringPrototypeSplit(StringPrototypeToUpperCase(`${lazy('./node/process.js').env.NODE_DEBUG ?? ''}`), ',');
      enabled = false;
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        if (name === upper || (StringPrototypeEndsWith(name, '*') && name !== '' && StringPrototypeStartsWith(upper, StringPrototypeSlice(name, 0, -1)))) enabled = true;
      }
    }
    return enabled;
  };
  const logger = (...args) => {
    if (isEnabled()) lazy('./console.js').console.error(`${upper} 1: ${ReflectApply(format, undefined, args)}`);
  };
  ObjectDefineProperty(logger, 'enabled', { __proto__: null, get: isEnabled, configurable: true, enumerable: true });
  callback?.(logger);
  return logger;
}
export { debuglog as debug };

export function log(...args) {
  lazy('./console.js').console.log(ReflectApply(format, undefined, args));
}

// Text.

export function stripVTControlCharacters(str) {
  validateString(str, 'str');
  return stripCodes(str);
}

/** There is no terminal: only who says that the stream does not matter gets codes. */
export function styleText(format, text, options = undefined) {
  validateString(text, 'text');
  const formats = ArrayIsArray(format) ? format : [format];
  let before = '';
  let after = '';
  for (let i = 0; i < formats.length; i++) {
    const pair = typeof formats[i] === 'string' ? colors[formats[i]] : undefined;
    if (pair === undefined) throw invalidArgValue('format', formats[i], `must be one of: ${quotedNames(ObjectKeys(inspect.colors))}`);
    before += `\u001b[${pair[0]}m`;
    after = `\u001b[${pair[1]}m${after}`;
  }
  return ArrayIsArray(format) || options?.validateStream === false ? `${before}${text}${after}` : text;
}

function quotedNames(names) {
  let text = '';
  for (let i = 0; i < names.length; i++) text += `${i === 0 ? '' : ', '}'${names[i]}'`;
  return text;
}

export const toUSVString = (input) => StringPrototypeToWellFormed(`${input}`);

/** The variables of a text as in a `.env` file. */
export function parseEnv(content) {
  validateString(content, 'content');
  return lazy('./node/util_env.js').parseVariables(content);
}

// System errors.

const systemErrors = {
  EACCES: [-13, 'permission denied'], EADDRINUSE: [-98, 'address already in use'], EAGAIN: [-11, 'resource temporarily unavailable'], EBADF: [-9, 'bad file descriptor'],
  ECONNABORTED: [-103, 'software caused connection abort'], ECONNREFUSED: [-111, 'connection refused'], ECONNRESET: [-104, 'connection reset by peer'],
  EEXIST: [-17, 'file already exists'], EHOSTUNREACH: [-113, 'host is unreachable'], EINVAL: [-22, 'invalid argument'], EIO: [-5, 'i/o error'], EISDIR: [-21, 'illegal operation on a directory'],
  EMFILE: [-24, 'too many open files'], ENOENT: [-2, 'no such file or directory'], ENOMEM: [-12, 'not enough memory'], ENOTDIR: [-20, 'not a directory'], ENOTEMPTY: [-39, 'directory not empty'],
  ENOTFOUND: [-3008, 'unknown node or service'], EPERM: [-1, 'operation not permitted'], EPIPE: [-32, 'broken pipe'], ETIMEDOUT: [-110, 'connection timed out'],
};

export function getSystemErrorMap() {
  const map = new Map();
  const entries = ObjectEntries(systemErrors);
  for (let i = 0; i < entries.length; i++) MapPrototypeSet(map, entries[i][1][0], [entries[i][0], entries[i][1][1]]);
  return map;
}

export function getSystemErrorName(err) {
  if (typeof err !== 'number') throw invalidArgType('err', 'number', err);
  const entries = ObjectEntries(systemErrors);
  for (let i = 0; i < entries.length; i++) if (entries[i][1][0] === err) return entries[i][0];
  return `Unknown system error ${NumberPrototypeToString(err, 10)}`;
}

// What is deprecated and still in use.

export function _extend(target, source) {
  if (source === null || typeof source !== 'object') return target;
  const keys = ObjectKeys(source);
  for (let i = keys.length - 1; i >= 0; i--) target[keys[i]] = source[keys[i]];
  return target;
}

export const isArray = ArrayIsArray;
export const isBoolean = (value) => typeof value === 'boolean';
export const isBuffer = Buffer.isBuffer;
export const isDate = types.isDate;
export const isError = (value) => types.isNativeError(value) || value instanceof Error;
export const isFunction = (value) => typeof value === 'function';
export const isNull = (value) => value === null;
export const isNullOrUndefined = (value) => value === null || value === undefined;
export const isNumber = (value) => typeof value === 'number';
export const isObject = (value) => value !== null && typeof value === 'object';
export const isPrimitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');
export const isRegExp = types.isRegExp;
export const isString = (value) => typeof value === 'string';
export const isSymbol = (value) => typeof value === 'symbol';
export const isUndefined = (value) => value === undefined;

export default {
  _extend, callbackify, debug: debuglog, debuglog, deprecate, format, styleText, formatWithOptions, getSystemErrorMap, getSystemErrorName, inherits, inspect, isArray,
  isBoolean, isBuffer, isDeepStrictEqual, isNull, isNullOrUndefined, isNumber, isString, isSymbol, isUndefined, isRegExp, isObject, isDate, isError, isFunction,
  isPrimitive, log, promisify, stripVTControlCharacters, toUSVString, transferableAbortSignal, transferableAbortController, aborted, types, parseEnv, parseArgs,
  TextDecoder, TextEncoder, MIMEType, MIMEParams,
};
