// @ts-check
/** The primordial of proxies. */

import { ops } from '../ops.js';

const Proxy = ops.intrinsic('Proxy');
export { Proxy };
