// @ts-check
/** `node:fs/promises`, by name alone: an isolate has no files. What is called throws an error that names it. */

import { constants } from './constants_fs.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('fs/promises', [
    'access', 'copyFile', 'cp', 'open', 'opendir', 'rename', 'truncate', 'rm', 'rmdir', 'mkdir', 'readdir', 'readlink', 'symlink', 'lstat', 'stat', 'statfs', 'link',
    'unlink', 'chmod', 'lchmod', 'lchown', 'chown', 'utimes', 'lutimes', 'realpath', 'mkdtemp', 'writeFile', 'appendFile', 'readFile', 'watch',
  ], true),
  constants,
};

export const {
  access, copyFile, cp, open, opendir, rename, truncate, rm, rmdir, mkdir, readdir, readlink, symlink, lstat, stat, statfs, link, unlink, chmod, lchmod, lchown, chown,
  utimes, lutimes, realpath, mkdtemp, writeFile, appendFile, readFile, watch,
} = module;
export { constants };
export default module;
