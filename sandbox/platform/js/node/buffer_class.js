// @ts-check
/** `Buffer` (https://nodejs.org/docs/latest-v20.x/api/buffer.html): its constructor, static methods and methods. */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import {
  ArrayIsArray, ArrayPrototypeJoin, ArrayPrototypePush, NumberIsNaN, Number, ObjectDefineProperties, ObjectDefineProperty, ObjectKeys,
  ObjectSetPrototypeOf, ReflectApply, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeTrim,
  SymbolFor, SymbolSpecies, SymbolToPrimitive,
} from '../primordials.js';
import {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet,
  Uint8Array,
} from '../primordials/buffers.js';
import { MathMin, MathTrunc } from '../primordials/math.js';
import { isArrayBuffer } from '../webidl_buffers.js';
import { encodingNumber, HEX, LATIN1, requireEncoding, UTF16LE, UTF8 } from './buffer_encoding.js';
import { numberMethods } from './buffer_numbers.js';
import { invalidArgType, invalidArgValue, outOfRange, rangeError, typeError } from './errors.js';
import { validateArray, validateInteger, validateNumber, validateString } from './validators.js';

export const kMaxLength = 2 ** 32;
/** Bytes that `inspect` shows. */
export const inspection = { __proto__: null, maxBytes: 50 };

class FastBuffer extends Uint8Array {
  // The parent's own constructor would take further arguments through an iterator.
  constructor(bufferOrLength, byteOffset, length) {
    super(bufferOrLength, byteOffset, length);
  }
}
const prototype = FastBuffer.prototype;

const lengthOf = TypedArrayPrototypeGetLength;
const isView = (value) => typeof value === 'object' && value !== null && TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined;
export const isUint8Array = (value) => typeof value === 'object' && value !== null && TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array';

/** A `Uint8Array` that nobody else has, as a Buffer. */
export function adopt(bytes) {
  return ObjectSetPrototypeOf(bytes, prototype);
}

/** @type {any} */
export function Buffer(arg, encodingOrOffset, length) {
  if (typeof arg === 'number') {
    if (typeof encodingOrOffset === 'string') throw invalidArgType('string', 'string', arg);
    return alloc(arg);
  }
  return from(arg, encodingOrOffset, length);
}

function from(value, encodingOrOffset, length) {
  if (typeof value === 'string') return adopt(ops.bufferEncode(value, requireEncoding(encodingOrOffset)));
  if (typeof value === 'object' && value !== null) {
    if (isArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const plain = value.valueOf && value.valueOf();
    if (plain !== null && plain !== undefined && plain !== value && (typeof plain === 'string' || typeof plain === 'object')) {
      return from(plain, encodingOrOffset, length);
    }
    const copy = fromObject(value);
    if (copy !== undefined) return copy;
    if (typeof value[SymbolToPrimitive] === 'function') {
      const primitive = value[SymbolToPrimitive]('string');
      if (typeof primitive === 'string') return from(primitive, encodingOrOffset);
    }
  }
  throw invalidArgType('first argument', ['string', 'Buffer', 'ArrayBuffer', 'Array', 'Array-like Object'], value);
}

function fromArrayBuffer(buffer, byteOffset, length) {
  if (byteOffset === undefined) {
    byteOffset = 0;
  } else {
    byteOffset = +byteOffset;
    if (NumberIsNaN(byteOffset)) byteOffset = 0;
  }
  const maxLength = ArrayBufferPrototypeGetByteLength(buffer) - byteOffset;
  if (maxLength < 0) throw rangeError('ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
  if (length === undefined) {
    length = maxLength;
  } else {
    length = +length;
    if (!(length > 0)) length = 0;
    else if (length > maxLength) throw rangeError('ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
  }
  return new FastBuffer(buffer, byteOffset, length);
}

function fromObject(value) {
  if (isUint8Array(value)) {
    const copy = new FastBuffer(lengthOf(value), undefined, undefined);
    TypedArrayPrototypeSet(copy, value);
    return copy;
  }
  if (value.length !== undefined || isArrayBuffer(value.buffer)) {
    return typeof value.length === 'number' ? fromArrayLike(value) : new FastBuffer(0, undefined, undefined);
  }
  return value.type === 'Buffer' && ArrayIsArray(value.data) ? fromArrayLike(value.data) : undefined;
}

function fromArrayLike(list) {
  const length = list.length > 0 ? MathTrunc(list.length) : 0;
  const copy = new FastBuffer(length, undefined, undefined);
  for (let i = 0; i < length; i++) copy[i] = list[i];
  return copy;
}

function checkSize(size) {
  validateNumber(size, 'size', 0, kMaxLength);
}

function alloc(size, fill = undefined, encoding = undefined) {
  checkSize(size);
  const buffer = new FastBuffer(MathTrunc(size), undefined, undefined);
  return fill !== undefined && fill !== 0 && size > 0 ? fillBuffer(buffer, fill, 0, undefined, encoding) : buffer;
}

const statics = {
  from,
  alloc,
  /** Fresh memory is zeroed here in any case. */
  allocUnsafe(size) {
    checkSize(size);
    return new FastBuffer(MathTrunc(size), undefined, undefined);
  },
  allocUnsafeSlow(size) {
    checkSize(size);
    return new FastBuffer(MathTrunc(size), undefined, undefined);
  },
  byteLength(string, encoding = undefined) {
    if (typeof string !== 'string') {
      if (isView(string)) return TypedArrayPrototypeGetByteLength(string);
      if (isArrayBuffer(string)) return ArrayBufferPrototypeGetByteLength(string);
      if (ArrayBufferIsView(string)) return string.byteLength;
      throw invalidArgType('string', ['string', 'Buffer', 'ArrayBuffer'], string);
    }
    const { length } = string;
    const number = encoding === undefined ? UTF8 : encodingNumber(encoding) ?? UTF8;
    if (number === UTF8) return length === 0 ? 0 : ops.bufferUtf8Length(string);
    if (number === UTF16LE) return length * 2;
    if (number === HEX) return length >>> 1;
    if (number === LATIN1 || number === 3) return length;
    let bytes = length;
    if (string[bytes - 1] === '=') bytes--;
    if (bytes > 1 && string[bytes - 1] === '=') bytes--;
    return (bytes * 3) >>> 2;
  },
  compare(buf1, buf2) {
    if (!isUint8Array(buf1)) throw invalidArgType('buf1', ['Buffer', 'Uint8Array'], buf1);
    if (!isUint8Array(buf2)) throw invalidArgType('buf2', ['Buffer', 'Uint8Array'], buf2);
    return buf1 === buf2 ? 0 : ops.bufferCompare(buf1, 0, undefined, buf2, 0, undefined);
  },
  concat(list, length = undefined) {
    validateArray(list, 'list');
    if (list.length === 0) return new FastBuffer(0, undefined, undefined);
    if (length === undefined) {
      length = 0;
      for (let i = 0; i < list.length; i++) if (list[i].length) length += list[i].length;
    } else {
      validateInteger(length, 'length', 0);
    }
    const buffer = new FastBuffer(length, undefined, undefined);
    let at = 0;
    for (let i = 0; i < list.length; i++) {
      if (!isUint8Array(list[i])) throw invalidArgType(`list[${i}]`, ['Buffer', 'Uint8Array'], list[i]);
      at += copyBytes(list[i], buffer, at, 0, lengthOf(list[i]));
    }
    return buffer;
  },
  copyBytesFrom(view, offset = undefined, length = undefined) {
    if (!isView(view)) throw invalidArgType('view', ['TypedArray'], view);
    const viewLength = lengthOf(view);
    if (viewLength === 0) return new FastBuffer(0, undefined, undefined);
    let end = viewLength;
    if (offset !== undefined) {
      validateInteger(offset, 'offset', 0);
      if (offset >= viewLength) return new FastBuffer(0, undefined, undefined);
    }
    const start = offset ?? 0;
    if (length !== undefined) {
      validateInteger(length, 'length', 0);
      end = MathMin(start + length, viewLength);
    }
    const size = TypedArrayPrototypeGetByteLength(view) / viewLength;
    return fromObject(new Uint8Array(TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view) + start * size, (end - start) * size));
  },
  isBuffer: (value) => isUint8Array(value) && value instanceof Buffer,
  isEncoding: (encoding) => typeof encoding === 'string' && encoding !== '' && encodingNumber(encoding) !== undefined,
  of(...items) {
    return fromArrayLike(items);
  },
};

/** Copies what fits; returns how much that was. */
function copyBytes(source, target, targetStart, sourceStart, sourceEnd) {
  const count = MathMin(sourceEnd - sourceStart, lengthOf(target) - targetStart, lengthOf(source) - sourceStart);
  if (count <= 0) return 0;
  const whole = sourceStart === 0 && count === lengthOf(source);
  const part = whole ? source : new Uint8Array(TypedArrayPrototypeGetBuffer(source), TypedArrayPrototypeGetByteOffset(source) + sourceStart, count);
  TypedArrayPrototypeSet(target, part, targetStart);
  return count;
}

const toInteger = (value, fallback) => {
  value = +value;
  return !NumberIsNaN(value) && value >= -(2 ** 53 - 1) && value <= 2 ** 53 - 1 ? MathTrunc(value) : fallback;
};

function validateOffset(value, name, min, max) {
  validateInteger(value, name, min, max);
}

function fillBuffer(buffer, value, offset, end, encoding) {
  const length = lengthOf(buffer);
  if (typeof value === 'string') {
    if (offset === undefined || typeof offset === 'string') {
      encoding = offset;
      offset = 0;
    } else if (typeof end === 'string') {
      encoding = end;
      end = undefined;
    }
    if (encoding !== undefined) validateString(encoding, 'encoding');
    const number = encoding === undefined ? UTF8 : encodingNumber(encoding);
    if (number === undefined) throw typeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    const pattern = value === '' ? new Uint8Array(1) : ops.bufferEncode(value, number);
    if (lengthOf(pattern) === 0) throw invalidArgValue('value', value);
    return fillWith(buffer, pattern, offset, end, length);
  }
  if (typeof value === 'boolean') value = +value;
  if (isUint8Array(value)) {
    if (lengthOf(value) === 0) throw invalidArgValue('value', value);
    return fillWith(buffer, value, offset, end, length);
  }
  const byte = new Uint8Array(1);
  byte[0] = +value & 255;
  return fillWith(buffer, byte, offset, end, length);
}

function fillWith(buffer, pattern, offset, end, length) {
  if (offset === undefined) {
    offset = 0;
    end = length;
  } else {
    validateNumber(offset, 'offset', 0);
    if (end === undefined) end = length;
    else validateNumber(end, 'end', 0, length);
    if (offset >= end) return buffer;
  }
  ops.bufferFill(buffer, pattern, MathTrunc(offset), MathTrunc(end));
  return buffer;
}

function search(buffer, value, byteOffset, encoding, backwards) {
  if (typeof byteOffset === 'string') {
    encoding = byteOffset;
    byteOffset = undefined;
  } else if (byteOffset > 0x7fffffff) {
    byteOffset = 0x7fffffff;
  } else if (byteOffset < -0x80000000) {
    byteOffset = -0x80000000;
  }
  const length = lengthOf(buffer);
  byteOffset = +byteOffset;
  if (NumberIsNaN(byteOffset)) byteOffset = backwards ? length : 0;
  byteOffset = MathTrunc(byteOffset);
  let needle;
  let units = false;
  if (typeof value === 'number') {
    needle = new Uint8Array(1);
    needle[0] = value;
  } else if (typeof value === 'string') {
    const number = encoding === undefined ? UTF8 : encodingNumber(encoding);
    if (number === undefined) throw typeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    needle = ops.bufferEncode(value, number);
    units = number === UTF16LE;
  } else if (isUint8Array(value)) {
    needle = value;
    units = encoding !== undefined && encodingNumber(encoding) === UTF16LE;
  } else {
    throw invalidArgType('value', ['number', 'string', 'Buffer', 'Uint8Array'], value);
  }
  if (byteOffset < 0) byteOffset += length;
  if (lengthOf(needle) === 0) return byteOffset < 0 ? 0 : byteOffset > length ? length : byteOffset;
  if (byteOffset < 0) {
    if (backwards) return -1;
    byteOffset = 0;
  }
  if (!backwards && byteOffset + lengthOf(needle) > length) return -1;
  return ops.bufferIndexOf(buffer, needle, MathMin(byteOffset, length), backwards, units);
}

/** `start` and `end` of a slice as an offset inside. */
function clampOffset(value, length) {
  value = MathTrunc(+value);
  if (NumberIsNaN(value)) return 0;
  if (value < 0) return value + length > 0 ? value + length : 0;
  return value < length ? value : length;
}

function swapBytes(buffer, width) {
  if (lengthOf(buffer) % width !== 0) throw rangeError('ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${width * 8}-bits`);
  ops.bufferSwap(buffer, width);
  return buffer;
}

const methods = {
  __proto__: null,
  copy(target, targetStart, sourceStart, sourceEnd) {
    if (!isUint8Array(target)) throw invalidArgType('target', ['Buffer', 'Uint8Array'], target);
    const length = lengthOf(this);
    targetStart = targetStart === undefined ? 0 : toInteger(targetStart, 0);
    if (targetStart < 0) throw outOfRange('targetStart', '>= 0', targetStart);
    sourceStart = sourceStart === undefined ? 0 : toInteger(sourceStart, 0);
    if (sourceStart < 0 || sourceStart > length) throw outOfRange('sourceStart', `>= 0 && <= ${length}`, sourceStart);
    sourceEnd = sourceEnd === undefined ? length : toInteger(sourceEnd, 0);
    if (sourceEnd < 0) throw outOfRange('sourceEnd', '>= 0', sourceEnd);
    if (targetStart >= lengthOf(target) || sourceStart >= sourceEnd) return 0;
    return copyBytes(this, target, targetStart, sourceStart, sourceEnd);
  },
  toString(encoding, start, end) {
    if (arguments.length === 0) return ops.bufferDecode(this, UTF8, 0, undefined);
    const length = lengthOf(this);
    if (start <= 0) start = 0;
    else if (start >= length) return '';
    else start = MathTrunc(start) || 0;
    if (end === undefined || end > length) end = length;
    else end = MathTrunc(end) || 0;
    if (end <= start) return '';
    if (encoding === undefined) return ops.bufferDecode(this, UTF8, start, end);
    const number = encodingNumber(encoding);
    if (number === undefined) throw typeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
    return ops.bufferDecode(this, number, start, end);
  },
  equals(otherBuffer) {
    if (!isUint8Array(otherBuffer)) throw invalidArgType('otherBuffer', ['Buffer', 'Uint8Array'], otherBuffer);
    if (this === otherBuffer) return true;
    return lengthOf(this) === lengthOf(otherBuffer) && ops.bufferCompare(this, 0, undefined, otherBuffer, 0, undefined) === 0;
  },
  compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
    if (!isUint8Array(target)) throw invalidArgType('target', ['Buffer', 'Uint8Array'], target);
    const bound = (value, name, fallback, max) => {
      if (value === undefined) return fallback;
      validateOffset(value, name, 0, max);
      return value;
    };
    targetStart = bound(targetStart, 'targetStart', 0, 2 ** 53 - 1);
    targetEnd = bound(targetEnd, 'targetEnd', lengthOf(target), lengthOf(target));
    sourceStart = bound(sourceStart, 'sourceStart', 0, 2 ** 53 - 1);
    sourceEnd = bound(sourceEnd, 'sourceEnd', lengthOf(this), lengthOf(this));
    if (sourceStart >= sourceEnd) return targetStart >= targetEnd ? 0 : -1;
    if (targetStart >= targetEnd) return 1;
    return ops.bufferCompare(this, sourceStart, sourceEnd, target, targetStart, targetEnd);
  },
  indexOf(value, byteOffset, encoding) {
    return search(this, value, byteOffset, encoding, false);
  },
  lastIndexOf(value, byteOffset, encoding) {
    return search(this, value, byteOffset, encoding, true);
  },
  includes(value, byteOffset, encoding) {
    return search(this, value, byteOffset, encoding, false) !== -1;
  },
  fill(value, offset, end, encoding) {
    return fillBuffer(this, value, offset, end, encoding);
  },
  write(string, offset, length, encoding) {
    const size = lengthOf(this);
    if (offset === undefined) {
      offset = 0;
      length = size;
    } else if (length === undefined && typeof offset === 'string') {
      encoding = offset;
      length = size;
      offset = 0;
    } else {
      validateOffset(offset, 'offset', 0, size);
      const remaining = size - offset;
      if (length === undefined) {
        length = remaining;
      } else if (typeof length === 'string') {
        encoding = length;
        length = remaining;
      } else {
        validateOffset(length, 'length', 0, size);
        if (length > remaining) length = remaining;
      }
    }
    const number = requireEncoding(encoding);
    if (typeof string !== 'string') throw typeError('ERR_INVALID_ARG_TYPE', 'argument must be a string');
    return ops.bufferWrite(this, string, number, offset, offset + length);
  },
  toJSON() {
    const data = [];
    const length = lengthOf(this);
    for (let i = 0; i < length; i++) ArrayPrototypePush(data, this[i]);
    return { type: 'Buffer', data };
  },
  subarray(start, end) {
    const length = lengthOf(this);
    start = clampOffset(start === undefined ? 0 : start, length);
    end = end === undefined ? length : clampOffset(end, length);
    return new FastBuffer(TypedArrayPrototypeGetBuffer(this), TypedArrayPrototypeGetByteOffset(this) + start, end > start ? end - start : 0);
  },
  slice(start, end) {
    return ReflectApply(methods.subarray, this, [start, end]);
  },
  swap16() {
    return swapBytes(this, 2);
  },
  swap32() {
    return swapBytes(this, 4);
  },
  swap64() {
    return swapBytes(this, 8);
  },
  [SymbolFor('nodejs.util.inspect.custom')](_depth, context) {
    const max = inspection.maxBytes;
    const length = lengthOf(this);
    const shown = MathMin(max, length);
    const pairs = [];
    const hex = ops.bufferDecode(this, HEX, 0, shown);
    for (let i = 0; i < shown; i++) ArrayPrototypePush(pairs, StringPrototypeSlice(hex, 2 * i, 2 * i + 2));
    let text = ArrayPrototypeJoin(pairs, ' ');
    if (length > max) text += ` ... ${length - max} more byte${length - max > 1 ? 's' : ''}`;
    const extras = context === undefined ? '' : ownProperties(this, context);
    const name = this.constructor?.name ?? 'Buffer';
    return extras === '' ? `<${name} ${text}>` : `<${name} ${text}${text === '' ? '' : ', '}${extras}>`;
  },
};

/** Properties beside the bytes, as `inspect` writes them inside of braces. */
function ownProperties(buffer, context) {
  const extras = { __proto__: null };
  let any = false;
  const keys = ObjectKeys(buffer);
  for (let i = lengthOf(buffer); i < keys.length; i++) {
    extras[keys[i]] = buffer[keys[i]];
    any = true;
  }
  if (!any) return '';
  const text = lazy('./node/inspect.js').inspect(extras, { ...context, breakLength: Infinity, compact: true });
  return StringPrototypeTrim(StringPrototypeSlice(text, StringPrototypeIncludes(text, '{') ? '[Object: null prototype] { '.length : 0, -2));
}

/** `utf8Slice`, `utf8Write` and their like. */
function defineCodec(name, number) {
  methods[`${name}Slice`] = function (start = 0, end = undefined) {
    const length = lengthOf(this);
    if (start < 0 || start > length || (end !== undefined && (end < 0 || end > length))) throw rangeError('ERR_OUT_OF_RANGE', 'Index out of range');
    return ops.bufferDecode(this, number, start, end);
  };
  methods[`${name}Write`] = function (string, offset = 0, length = undefined) {
    if (typeof string !== 'string') throw typeError('ERR_INVALID_ARG_TYPE', 'argument must be a string');
    const size = lengthOf(this);
    if (offset < 0 || offset > size) throw rangeError('ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
    return ops.bufferWrite(this, string, number, offset, length === undefined ? size : MathMin(size, offset + Number(length)));
  };
}

const codecs = ['utf8', 'ucs2', 'latin1', 'ascii', 'base64', 'base64url', 'hex'];
for (let i = 0; i < codecs.length; i++) defineCodec(codecs[i], i);

function install(target, source) {
  const keys = ObjectKeys(source);
  for (let i = 0; i < keys.length; i++) target[keys[i]] = source[keys[i]];
}

install(prototype, methods);
prototype[SymbolFor('nodejs.util.inspect.custom')] = methods[SymbolFor('nodejs.util.inspect.custom')];
prototype.inspect = methods[SymbolFor('nodejs.util.inspect.custom')];
prototype.toLocaleString = prototype.toString;
const numberNames = ObjectKeys(numberMethods);
for (let i = 0; i < numberNames.length; i++) {
  const name = numberNames[i];
  ObjectDefineProperty(numberMethods[name], 'name', { __proto__: null, value: name, configurable: true });
  prototype[name] = numberMethods[name];
  const at = StringPrototypeIndexOf(name, 'UInt');
  if (at !== -1) prototype[`${StringPrototypeSlice(name, 0, at)}Uint${StringPrototypeSlice(name, at + 4)}`] = numberMethods[name];
}

ObjectSetPrototypeOf(Buffer, Uint8Array);
install(Buffer, statics);
Buffer.poolSize = 8192;
Buffer.prototype = prototype;
ObjectDefineProperties(prototype, {
  __proto__: null,
  constructor: { __proto__: null, value: Buffer, writable: true, enumerable: false, configurable: true },
  parent: {
    __proto__: null,
    get() {
      return this instanceof Buffer ? TypedArrayPrototypeGetBuffer(this) : undefined;
    },
    enumerable: true,
    configurable: true,
  },
  offset: {
    __proto__: null,
    get() {
      return this instanceof Buffer ? TypedArrayPrototypeGetByteOffset(this) : undefined;
    },
    enumerable: true,
    configurable: true,
  },
});
ObjectDefineProperty(Buffer, SymbolSpecies, {
  __proto__: null,
  get() {
    return FastBuffer;
  },
  enumerable: false,
  configurable: true,
});
