// @ts-check
/** `node:constants`, deprecated: those of `node:os` and `node:fs` in one object. */

import { ObjectFreeze } from '../primordials.js';
import { constants as fs } from './constants_fs.js';
import { constants as os } from './constants_os.js';

export default ObjectFreeze({ ...os.dlopen, ...os.errno, ...os.priority, ...os.signals, ...fs });
