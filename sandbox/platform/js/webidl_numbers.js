// @ts-check
/** Conversions of Web IDL to numeric types (https://webidl.spec.whatwg.org/#js-integer-types, #js-float and following). */

import { BigInt, BigIntAsUintN, Number, NumberIsFinite } from './primordials.js';
import { MathFloor, MathFround, MathMax, MathMin, MathPow, MathTrunc } from './primordials/math.js';
import { conversionError } from './webidl.js';

function toNumber(value, prefix, context) {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') throw conversionError('is a BigInt, which cannot be converted to a number.', prefix, context);
  if (typeof value === 'symbol') throw conversionError('is a symbol, which cannot be converted to a number.', prefix, context);
  return +value;
}

/** Rounds to the nearest integer, halves to the even one, and never to -0. */
function roundHalfEven(x) {
  const floor = MathFloor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor + 0;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor + 0 : floor + 1;
}

/** `ConvertToInt` for one type; 64-bit types have the bounds of safe integers. */
function createIntegerConverter(bits, signed) {
  const upper = bits === 64 ? 2 ** 53 - 1 : MathPow(2, signed ? bits - 1 : bits) - 1;
  const lower = !signed ? 0 : bits === 64 ? -(2 ** 53) + 1 : -MathPow(2, bits - 1);
  const modulus = MathPow(2, bits);

  return (value, prefix, context, options) => {
    let x = toNumber(value, prefix, context);
    if (options !== undefined && options.enforceRange) {
      if (!NumberIsFinite(x)) throw conversionError('is not a finite number.', prefix, context);
      x = MathTrunc(x) + 0;
      if (x < lower || x > upper) throw conversionError(`is outside the accepted range of ${lower} to ${upper}, inclusive.`, prefix, context);
      return x;
    }
    if (options !== undefined && options.clamp && x === x) return roundHalfEven(MathMin(MathMax(x, lower), upper));
    if (!NumberIsFinite(x)) return 0;
    x = MathTrunc(x) + 0;
    if (x >= lower && x <= upper) return x;
    return bits === 64 ? wrap64(x, signed) : wrap(x, modulus, signed);
  };
}

function wrap(x, modulus, signed) {
  let rest = x % modulus;
  if (rest < 0) rest += modulus;
  return (signed && rest >= modulus / 2 ? rest - modulus : rest) + 0;
}

function wrap64(x, signed) {
  const rest = BigIntAsUintN(64, BigInt(x));
  return Number(signed && rest >= 1n << 63n ? rest - (1n << 64n) : rest);
}

function toDouble(value, prefix, context) {
  const x = toNumber(value, prefix, context);
  if (!NumberIsFinite(x)) throw conversionError('is not a finite number.', prefix, context);
  return x;
}

function toFloat(value, prefix, context) {
  const x = MathFround(toDouble(value, prefix, context));
  if (!NumberIsFinite(x)) throw conversionError('is outside the range of a single-precision number.', prefix, context);
  return x;
}

/** Converters by the names of their types. */
export const numericConverters = {
  __proto__: null,
  byte: createIntegerConverter(8, true),
  octet: createIntegerConverter(8, false),
  short: createIntegerConverter(16, true),
  'unsigned short': createIntegerConverter(16, false),
  long: createIntegerConverter(32, true),
  'unsigned long': createIntegerConverter(32, false),
  'long long': createIntegerConverter(64, true),
  'unsigned long long': createIntegerConverter(64, false),
  float: toFloat,
  'unrestricted float': (value, prefix, context) => MathFround(toNumber(value, prefix, context)),
  double: toDouble,
  'unrestricted double': toNumber,
};
