// @ts-check
/** Buffer source types of Web IDL (https://webidl.spec.whatwg.org/#idl-buffer-source-types). */

import {
  ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetSymbolToStringTag,
  TypedArrayPrototypeSet, Uint8Array,
} from './primordials/buffers.js';
import { conversionError, isObject } from './webidl.js';

/** Whether `value` is an ArrayBuffer (of any realm). */
export function isArrayBuffer(value) {
  if (typeof value !== 'object' || value === null) return false;
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether `value` is an ArrayBuffer or a view of one. */
export const isBufferSource = (value) => ArrayBufferIsView(value) || isArrayBuffer(value);

/** A `Uint8Array` over the memory of a BufferSource; nothing is copied. */
export function bufferSourceBytes(source) {
  if (!ArrayBufferIsView(source)) return new Uint8Array(source);
  return TypedArrayPrototypeGetSymbolToStringTag(source) !== undefined
    ? new Uint8Array(TypedArrayPrototypeGetBuffer(source), TypedArrayPrototypeGetByteOffset(source), TypedArrayPrototypeGetByteLength(source))
    : new Uint8Array(DataViewPrototypeGetBuffer(source), DataViewPrototypeGetByteOffset(source), DataViewPrototypeGetByteLength(source));
}

/** The bytes of a BufferSource for a native op, which trusts no property: spares the view if it is a `Uint8Array`. */
export function bufferSourceForOp(source) {
  if (ArrayBufferIsView(source) && TypedArrayPrototypeGetSymbolToStringTag(source) === 'Uint8Array') return source;
  return bufferSourceBytes(source);
}

/** "Get a copy of the bytes held by the buffer source": a fresh `Uint8Array`. */
export function copyBufferSource(source) {
  const bytes = bufferSourceBytes(source);
  const copy = new Uint8Array(TypedArrayPrototypeGetByteLength(bytes));
  TypedArrayPrototypeSet(copy, bytes);
  return copy;
}

/** Converters by the names of their types. */
export const bufferConverters = {
  __proto__: null,
  ArrayBuffer(value, prefix, context) {
    if (isArrayBuffer(value)) return value;
    throw conversionError("is not of type 'ArrayBuffer'.", prefix, context);
  },
  ArrayBufferView(value, prefix, context) {
    if (ArrayBufferIsView(value)) return value;
    throw conversionError("is not of type 'ArrayBufferView'.", prefix, context);
  },
  BufferSource(value, prefix, context) {
    if (isBufferSource(value)) return value;
    throw conversionError("is not of type 'ArrayBuffer' or 'ArrayBufferView'.", prefix, context);
  },
  Uint8Array(value, prefix, context) {
    if (isObject(value) && TypedArrayPrototypeGetSymbolToStringTag(value) === 'Uint8Array') return value;
    throw conversionError("is not of type 'Uint8Array'.", prefix, context);
  },
};
