// @ts-check
/** Primordials of buffers and views; every typed array leads to them. */

import { ops } from '../ops.js';
import { ObjectGetPrototypeOf, ReflectApply, ReflectGetOwnPropertyDescriptor, SymbolToStringTag, getter, uncurryThis } from '../primordials.js';

const ArrayBuffer = ops.intrinsic('ArrayBuffer');
const DataView = ops.intrinsic('DataView');
const Uint32Array = ops.intrinsic('Uint32Array');
const Uint8Array = ops.intrinsic('Uint8Array');
const TypedArray = ObjectGetPrototypeOf(Uint8Array);
export { ArrayBuffer, DataView, TypedArray, Uint32Array, Uint8Array };

export const ArrayBufferIsView = ArrayBuffer.isView;
export const ArrayBufferPrototypeGetByteLength = getter(ArrayBuffer.prototype, 'byteLength');
const bufferDetached = ReflectGetOwnPropertyDescriptor(ArrayBuffer.prototype, 'detached').get;
export const ArrayBufferPrototypeGetDetached = (buffer) => ReflectApply(bufferDetached, buffer, []);
export const ArrayBufferPrototypeGetMaxByteLength = getter(ArrayBuffer.prototype, 'maxByteLength');
const bufferResizable = ReflectGetOwnPropertyDescriptor(ArrayBuffer.prototype, 'resizable').get;
export const ArrayBufferPrototypeGetResizable = (buffer) => ReflectApply(bufferResizable, buffer, []);
export const ArrayBufferPrototypeResize = uncurryThis(ArrayBuffer.prototype.resize);
/** Without the species of the built-in, to which a tenant would see the bytes go. */
export function ArrayBufferPrototypeSlice(buffer, start, end = ArrayBufferPrototypeGetByteLength(buffer)) {
  const copy = new Uint8Array(end - start);
  TypedArrayPrototypeSet(copy, new Uint8Array(buffer, start, end - start));
  return TypedArrayPrototypeGetBuffer(copy);
}
export const ArrayBufferPrototypeTransfer = ArrayBuffer.prototype.transfer ? uncurryThis(ArrayBuffer.prototype.transfer) : undefined;
const dataViewBuffer = ReflectGetOwnPropertyDescriptor(DataView.prototype, 'buffer').get;
export const DataViewPrototypeGetBuffer = (view) => ReflectApply(dataViewBuffer, view, []);
export const DataViewPrototypeGetByteLength = getter(DataView.prototype, 'byteLength');
export const DataViewPrototypeGetByteOffset = getter(DataView.prototype, 'byteOffset');
const typedArrayBuffer = ReflectGetOwnPropertyDescriptor(TypedArray.prototype, 'buffer').get;
export const TypedArrayPrototypeGetBuffer = (array) => ReflectApply(typedArrayBuffer, array, []);
export const TypedArrayPrototypeGetByteLength = getter(TypedArray.prototype, 'byteLength');
export const TypedArrayPrototypeGetByteOffset = getter(TypedArray.prototype, 'byteOffset');
export const TypedArrayPrototypeGetLength = getter(TypedArray.prototype, 'length');
const typedArrayTag = ReflectGetOwnPropertyDescriptor(TypedArray.prototype, SymbolToStringTag).get;
export const TypedArrayPrototypeGetSymbolToStringTag = (array) => ReflectApply(typedArrayTag, array, []);
export const TypedArrayPrototypeIndexOf = uncurryThis(TypedArray.prototype.indexOf);
export const TypedArrayPrototypeSet = uncurryThis(TypedArray.prototype.set);
export const TypedArrayPrototypeSlice = uncurryThis(TypedArray.prototype.slice);
export const TypedArrayPrototypeSubarray = uncurryThis(TypedArray.prototype.subarray);
