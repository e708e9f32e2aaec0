// @ts-check
/** Buffers and views as the Streams Standard's algorithms use them, past any patched getter. */
import { TypeError } from '../primordials.js';
import {
  ArrayBufferPrototypeGetDetached, ArrayBufferPrototypeTransfer, DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetSymbolToStringTag,
} from '../primordials/buffers.js';

/** TransferArrayBuffer. Throws a TypeError when the buffer is detached or cannot be. */
export function transferArrayBuffer(buffer) {
  if (ArrayBufferPrototypeGetDetached(buffer)) throw new TypeError('The buffer is detached');
  return ArrayBufferPrototypeTransfer(buffer);
}

const isDataView = (view) => TypedArrayPrototypeGetSymbolToStringTag(view) === undefined;

/** The buffer, offset and length of a view, whichever kind it is, past any patched getter. */
export function viewBuffer(view) {
  return isDataView(view) ? DataViewPrototypeGetBuffer(view) : TypedArrayPrototypeGetBuffer(view);
}

export function viewByteOffset(view) {
  return isDataView(view) ? DataViewPrototypeGetByteOffset(view) : TypedArrayPrototypeGetByteOffset(view);
}

/** In bytes; 0 when the view's buffer is detached. */
export function viewByteLength(view) {
  if (!isDataView(view)) return TypedArrayPrototypeGetByteLength(view);
  // DataView's getters throw for detached buffers, typed arrays' do not.
  return ArrayBufferPrototypeGetDetached(DataViewPrototypeGetBuffer(view)) ? 0 : DataViewPrototypeGetByteLength(view);
}
