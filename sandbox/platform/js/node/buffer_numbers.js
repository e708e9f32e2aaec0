// @ts-check
/** Reading and writing numbers: methods of `Buffer.prototype` (https://nodejs.org/docs/latest-v20.x/api/buffer.html). */

import { BigInt, Number, TypeError } from '../primordials.js';
import { TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetLength, Uint8Array } from '../primordials/buffers.js';
import { Float32Array, Float64Array } from '../primordials/typed_arrays.js';
import { MathFloor, MathTrunc } from '../primordials/math.js';
import { invalidArgType, outOfRange, rangeError } from './errors.js';
import { validateNumber } from './validators.js';

function boundsError(value, limit, type = undefined) {
  if (MathFloor(value) !== value) {
    validateNumber(value, type ?? 'offset');
    return outOfRange(type ?? 'offset', 'an integer', value);
  }
  if (limit < 0) return rangeError('ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
  return outOfRange(type ?? 'offset', `>= ${type ? 1 : 0} and <= ${limit}`, value);
}

/** Throws unless `size` bytes from `offset` on are inside. */
function checkBounds(bytes, offset, size) {
  if (typeof offset !== 'number') throw invalidArgType('offset', 'number', offset);
  if (bytes[offset] === undefined || bytes[offset + size - 1] === undefined) throw boundsError(offset, TypedArrayPrototypeGetLength(bytes) - size);
}

function checkValue(value, min, max, size) {
  if (!(value > max || value < min)) return;
  const n = typeof min === 'bigint' ? 'n' : '';
  let range = `>= ${min}${n} and <= ${max}${n}`;
  if (size > 4) {
    const bits = size * 8;
    range = min == 0 ? `>= 0${n} and < 2${n} ** ${bits}${n}` : `>= -(2${n} ** ${bits - 1}${n}) and < 2${n} ** ${bits - 1}${n}`;
  }
  throw outOfRange('value', range, value);
}

function readUnsigned(bytes, offset, size, little) {
  let value = 0;
  if (little) for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[offset + i];
  else for (let i = 0; i < size; i++) value = value * 256 + bytes[offset + i];
  return value;
}

function readSigned(bytes, offset, size, little) {
  const value = readUnsigned(bytes, offset, size, little);
  const half = 2 ** (8 * size - 1);
  return value >= half ? value - 2 * half : value;
}

/** Writes an integer of either sign that fits. */
function writeInteger(bytes, value, offset, size, little) {
  if (value < 0) value += 2 ** (8 * size);
  for (let i = 0; i < size; i++) {
    bytes[little ? offset + i : offset + size - 1 - i] = value % 256;
    value = MathFloor(value / 256);
  }
  return offset + size;
}

function integerReader(size, little, signed) {
  const read = signed ? readSigned : readUnsigned;
  return function (offset = 0) {
    checkBounds(this, offset, size);
    return read(this, offset, size, little);
  };
}

function integerWriter(size, little, signed) {
  const min = signed ? -(2 ** (8 * size - 1)) : 0;
  const max = signed ? 2 ** (8 * size - 1) - 1 : 2 ** (8 * size) - 1;
  return function (value, offset = 0) {
    value = +value;
    if (size === 1 && typeof offset !== 'number') throw invalidArgType('offset', 'number', offset);
    checkValue(value, min, max, size);
    checkBounds(this, offset, size);
    return writeInteger(this, value !== value ? 0 : MathTrunc(value), offset, size, little);
  };
}

function checkSize(byteLength) {
  if (byteLength === undefined || typeof byteLength !== 'number') throw invalidArgType('byteLength', 'number', byteLength);
  if (!(byteLength >= 1 && byteLength <= 6) || MathFloor(byteLength) !== byteLength) throw boundsError(byteLength, 6, 'byteLength');
}

function sizedReader(little, signed) {
  return function (offset, byteLength) {
    if (offset === undefined) throw invalidArgType('offset', 'number', offset);
    checkSize(byteLength);
    checkBounds(this, offset, byteLength);
    return (signed ? readSigned : readUnsigned)(this, offset, byteLength, little);
  };
}

function sizedWriter(little, signed) {
  return function (value, offset, byteLength) {
    checkSize(byteLength);
    value = +value;
    checkValue(value, signed ? -(2 ** (8 * byteLength - 1)) : 0, 2 ** (8 * byteLength - (signed ? 1 : 0)) - 1, byteLength);
    checkBounds(this, offset, byteLength);
    return writeInteger(this, value !== value ? 0 : MathTrunc(value), offset, byteLength, little);
  };
}

const two32 = 2n ** 32n;

function bigReader(little, signed) {
  return function (offset = 0) {
    checkBounds(this, offset, 8);
    const low = readUnsigned(this, little ? offset : offset + 4, 4, little);
    const high = (signed ? readSigned : readUnsigned)(this, little ? offset + 4 : offset, 4, little);
    return BigInt(high) * two32 + BigInt(low);
  };
}

function bigWriter(little, signed) {
  const min = signed ? -(2n ** 63n) : 0n;
  const max = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  return function (value, offset = 0) {
    if (typeof value !== 'bigint') {
      if (typeof offset !== 'number') throw invalidArgType('offset', 'number', offset);
      checkBounds(this, offset, 8);
      throw new TypeError(`Cannot mix BigInt and other types, use explicit conversions`);
    }
    checkValue(value, min, max, 8);
    checkBounds(this, offset, 8);
    if (value < 0n) value += 2n ** 64n;
    writeInteger(this, Number(value % two32), little ? offset : offset + 4, 4, little);
    writeInteger(this, Number(value / two32), little ? offset + 4 : offset, 4, little);
    return offset + 8;
  };
}

const float32 = new Float32Array(1);
const float64 = new Float64Array(1);
const bytes32 = new Uint8Array(TypedArrayPrototypeGetBuffer(float32));
const bytes64 = new Uint8Array(TypedArrayPrototypeGetBuffer(float64));

function floatReader(size, little) {
  const cell = size === 4 ? float32 : float64;
  const scratch = size === 4 ? bytes32 : bytes64;
  return function (offset = 0) {
    checkBounds(this, offset, size);
    for (let i = 0; i < size; i++) scratch[little ? i : size - 1 - i] = this[offset + i];
    return cell[0];
  };
}

function floatWriter(size, little) {
  const cell = size === 4 ? float32 : float64;
  const scratch = size === 4 ? bytes32 : bytes64;
  return function (value, offset = 0) {
    checkBounds(this, offset, size);
    cell[0] = value;
    for (let i = 0; i < size; i++) this[offset + i] = scratch[little ? i : size - 1 - i];
    return offset + size;
  };
}

/** The methods by name; each also goes by the name with `Uint` where it has `UInt`. */
export const numberMethods = {
  __proto__: null,
  readUInt8: integerReader(1, true, false),
  readUInt16LE: integerReader(2, true, false),
  readUInt16BE: integerReader(2, false, false),
  readUInt32LE: integerReader(4, true, false),
  readUInt32BE: integerReader(4, false, false),
  readInt8: integerReader(1, true, true),
  readInt16LE: integerReader(2, true, true),
  readInt16BE: integerReader(2, false, true),
  readInt32LE: integerReader(4, true, true),
  readInt32BE: integerReader(4, false, true),
  readUIntLE: sizedReader(true, false),
  readUIntBE: sizedReader(false, false),
  readIntLE: sizedReader(true, true),
  readIntBE: sizedReader(false, true),
  readBigUInt64LE: bigReader(true, false),
  readBigUInt64BE: bigReader(false, false),
  readBigInt64LE: bigReader(true, true),
  readBigInt64BE: bigReader(false, true),
  readFloatLE: floatReader(4, true),
  readFloatBE: floatReader(4, false),
  readDoubleLE: floatReader(8, true),
  readDoubleBE: floatReader(8, false),
  writeUInt8: integerWriter(1, true, false),
  writeUInt16LE: integerWriter(2, true, false),
  writeUInt16BE: integerWriter(2, false, false),
  writeUInt32LE: integerWriter(4, true, false),
  writeUInt32BE: integerWriter(4, false, false),
  writeInt8: integerWriter(1, true, true),
  writeInt16LE: integerWriter(2, true, true),
  writeInt16BE: integerWriter(2, false, true),
  writeInt32LE: integerWriter(4, true, true),
  writeInt32BE: integerWriter(4, false, true),
  writeUIntLE: sizedWriter(true, false),
  writeUIntBE: sizedWriter(false, false),
  writeIntLE: sizedWriter(true, true),
  writeIntBE: sizedWriter(false, true),
  writeBigUInt64LE: bigWriter(true, false),
  writeBigUInt64BE: bigWriter(false, false),
  writeBigInt64LE: bigWriter(true, true),
  writeBigInt64BE: bigWriter(false, true),
  writeFloatLE: floatWriter(4, true),
  writeFloatBE: floatWriter(4, false),
  writeDoubleLE: floatWriter(8, true),
  writeDoubleBE: floatWriter(8, false),
};
