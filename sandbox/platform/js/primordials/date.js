// @ts-check
/** Primordials of dates. */

import { ops } from '../ops.js';
import { uncurryThis } from '../primordials.js';

const Date = ops.intrinsic('Date');
export { Date };

export const DateNow = Date.now;
export const DatePrototypeGetTime = uncurryThis(Date.prototype.getTime);
export const DatePrototypeToISOString = uncurryThis(Date.prototype.toISOString);
