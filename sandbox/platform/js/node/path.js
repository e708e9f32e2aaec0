// @ts-check
/** `node:path` (https://nodejs.org/docs/latest-v20.x/api/path.html): paths of the POSIX kind. */

import posix from './path_posix.js';
import win32 from './path_win32.js';

// Each flavour knows both.
posix.win32 = win32;
win32.posix = posix;

export * from './path_posix.js';
export { win32 };
export default posix;
