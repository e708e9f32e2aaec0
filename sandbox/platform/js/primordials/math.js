// @ts-check
/** Primordials of mathematics. */

import { ops } from '../ops.js';

const Math = ops.intrinsic('Math');
export { Math };

export const MathCeil = Math.ceil;
export const MathFloor = Math.floor;
export const MathFround = Math.fround;
export const MathMax = Math.max;
export const MathMin = Math.min;
export const MathPow = Math.pow;
export const MathTrunc = Math.trunc;
