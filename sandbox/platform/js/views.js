// @ts-check
/** What a typed array or DataView looks at, past any patched getter. */

import {
  ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, ArrayBufferPrototypeGetResizable, ArrayBufferPrototypeResize,
  ArrayBufferPrototypeSlice, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset,
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeIndexOf, TypedArrayPrototypeSet, Uint8Array,
} from './primordials/buffers.js';

/**
 * `kind` is the name of its constructor, undefined for a DataView; `length` counts elements; `tracks` says whether it is as long as its
 * buffer. Undefined when the view is detached or out of bounds.
 * @returns {undefined | { kind: string | undefined, buffer: ArrayBuffer, offset: number, length: number, tracks: boolean }}
 */
export function describeView(view) {
  const kind = TypedArrayPrototypeGetSymbolToStringTag(view);
  const buffer = kind === undefined ? DataViewPrototypeGetBuffer(view) : TypedArrayPrototypeGetBuffer(view);
  const length = lengthOf(view, kind);
  if (length === undefined || ArrayBufferPrototypeGetDetached(buffer)) return undefined;
  const offset = kind === undefined ? DataViewPrototypeGetByteOffset(view) : TypedArrayPrototypeGetByteOffset(view);
  return { kind, buffer, offset, length, tracks: ArrayBufferPrototypeGetResizable(buffer) && tracksLength(view, kind, buffer, length) };
}

/** In elements; undefined when out of bounds. */
function lengthOf(view, kind) {
  try {
    if (kind === undefined) return DataViewPrototypeGetByteLength(view);
    // Typed arrays' getters answer 0 out of bounds; their methods throw.
    TypedArrayPrototypeIndexOf(view, undefined, Infinity);
    return TypedArrayPrototypeGetLength(view);
  } catch {
    return undefined;
  }
}

/**
 * The language tells nobody whether a view follows its buffer, so this makes the buffer an element shorter, looks, and restores it. A
 * view without elements is taken for one that does not.
 */
function tracksLength(view, kind, buffer, length) {
  if (length === 0) return false;
  const size = kind === undefined ? 1 : TypedArrayPrototypeGetByteLength(view) / length;
  const whole = ArrayBufferPrototypeGetByteLength(buffer);
  const end = ArrayBufferPrototypeSlice(buffer, whole - size);
  ArrayBufferPrototypeResize(buffer, whole - size);
  const shorter = lengthOf(view, kind);
  ArrayBufferPrototypeResize(buffer, whole);
  TypedArrayPrototypeSet(new Uint8Array(buffer, whole - size), new Uint8Array(end));
  return shorter === length - 1;
}
