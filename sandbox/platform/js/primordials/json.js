// @ts-check
/** Primordials of JSON. */

import { ops } from '../ops.js';

const JSON = ops.intrinsic('JSON');
export { JSON };

export const JSONParse = JSON.parse;
export const JSONStringify = JSON.stringify;
