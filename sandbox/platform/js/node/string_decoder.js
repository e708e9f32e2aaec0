// @ts-check
/** `node:string_decoder` (https://nodejs.org/docs/latest-v20.x/api/string_decoder.html): keeps what a chunk has begun for the next. */

import { ops } from '../ops.js';
import { ObjectDefineProperties, ReflectApply } from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetLength, TypedArrayPrototypeSet, Uint8Array } from '../primordials/buffers.js';
import { bufferSourceForOp } from '../webidl_buffers.js';
import { Buffer } from './buffer_class.js';
import { BASE64, BASE64URL, encodingNumber, normalizeEncoding, UTF16LE, UTF8 } from './buffer_encoding.js';
import { invalidArgType, typeError } from './errors.js';

/** @type {any} */
export function StringDecoder(encoding = undefined) {
  const name = normalizeEncoding(encoding);
  if (name === undefined) throw typeError('ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  this.encoding = name;
  this._number = encodingNumber(name);
  this._kept = empty;
  this._needed = 0;
}

const empty = new Uint8Array(0);

ObjectDefineProperties(StringDecoder.prototype, {
  __proto__: null,
  lastChar: { __proto__: null, get: lastCharacter, configurable: true, enumerable: true },
  lastNeed: {
    __proto__: null,
    get() {
      return this._needed;
    },
    configurable: true,
    enumerable: true,
  },
  lastTotal: {
    __proto__: null,
    get() {
      return this._needed + TypedArrayPrototypeGetLength(this._kept);
    },
    configurable: true,
    enumerable: true,
  },
});

function lastCharacter() {
  const last = Buffer.alloc(4);
  TypedArrayPrototypeSet(last, this._kept);
  return last;
}

StringDecoder.prototype.write = function write(chunk) {
  if (typeof chunk === 'string') return chunk;
  if (!ArrayBufferIsView(chunk)) throw invalidArgType('buf', ['Buffer', 'TypedArray', 'DataView'], chunk);
  let bytes = bufferSourceForOp(chunk);
  const number = this._number;
  if (number !== UTF8 && number !== UTF16LE && number !== BASE64 && number !== BASE64URL) return ops.bufferDecode(bytes, number, 0, undefined);
  const kept = TypedArrayPrototypeGetLength(this._kept);
  if (kept > 0) {
    const joined = new Uint8Array(kept + TypedArrayPrototypeGetLength(bytes));
    TypedArrayPrototypeSet(joined, this._kept);
    TypedArrayPrototypeSet(joined, bytes, kept);
    bytes = joined;
  }
  const length = TypedArrayPrototypeGetLength(bytes);
  const begun = number === UTF8 ? incompleteUtf8(bytes, length) : number === UTF16LE ? incompleteUtf16(bytes, length) : { count: length % 3, needed: length % 3 === 0 ? 0 : 3 - (length % 3) };
  this._needed = begun.needed;
  this._kept = begun.count === 0 ? empty : copy(bytes, length - begun.count, length);
  return begun.count === length ? '' : ops.bufferDecode(bytes, number, 0, length - begun.count);
};

function copy(bytes, start, end) {
  const part = new Uint8Array(end - start);
  for (let i = start; i < end; i++) part[i - start] = bytes[i];
  return part;
}

/** How many bytes at the end begin a character that may still become whole, and how many it lacks. */
function incompleteUtf8(bytes, length) {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf8 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (size <= back) break;
    return { count: back, needed: size - back };
  }
  return { count: 0, needed: 0 };
}

function incompleteUtf16(bytes, length) {
  const odd = length % 2;
  const high = length - odd >= 2 ? bytes[length - odd - 1] : 0;
  if (high >= 0xd8 && high <= 0xdb) return { count: 2 + odd, needed: 2 - odd };
  return { count: odd, needed: odd };
}

StringDecoder.prototype.end = function end(chunk = undefined) {
  let text = chunk === undefined ? '' : ReflectApply(StringDecoder.prototype.write, this, [chunk]);
  const length = TypedArrayPrototypeGetLength(this._kept);
  if (length > 0) {
    // Of a character in UTF-8 that has not become whole, one sign is left.
    text += ops.bufferDecode(this._kept, this._number, 0, length);
    this._kept = empty;
    this._needed = 0;
  }
  return text;
};

StringDecoder.prototype.text = function text(chunk, offset) {
  this._kept = empty;
  this._needed = 0;
  return ReflectApply(StringDecoder.prototype.write, this, [ReflectApply(Buffer.prototype.slice, chunk, [offset])]);
};

export default { StringDecoder };
