// @ts-check
/** The constructors of the typed arrays, which few need. What they inherit is in `buffers.js`, and is captured before. */

import { ops } from '../ops.js';
import { Uint32Array, Uint8Array } from './buffers.js';

const BigInt64Array = ops.intrinsic('BigInt64Array');
const BigUint64Array = ops.intrinsic('BigUint64Array');
const Float16Array = ops.intrinsic('Float16Array');
const Float32Array = ops.intrinsic('Float32Array');
const Float64Array = ops.intrinsic('Float64Array');
const Int16Array = ops.intrinsic('Int16Array');
const Int32Array = ops.intrinsic('Int32Array');
const Int8Array = ops.intrinsic('Int8Array');
const Uint16Array = ops.intrinsic('Uint16Array');
const Uint8ClampedArray = ops.intrinsic('Uint8ClampedArray');
export {
  BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array, Int16Array, Int32Array, Int8Array, Uint16Array, Uint8ClampedArray,
};

const typedArrays = {
  __proto__: null, BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array, Int16Array, Int32Array, Int8Array, Uint16Array, Uint32Array,
  Uint8Array, Uint8ClampedArray,
};
/** The typed array constructor of a name, which is what `TypedArrayPrototypeGetSymbolToStringTag` returns. */
export const typedArrayConstructor = (name) => typedArrays[name];
