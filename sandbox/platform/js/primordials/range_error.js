// @ts-check
/** The primordial of what is out of range. */

import { ops } from '../ops.js';

const RangeError = ops.intrinsic('RangeError');
export { RangeError };
