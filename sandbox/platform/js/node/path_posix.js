// @ts-check
/** `node:path/posix` (https://nodejs.org/docs/latest-v20.x/api/path.html). */

import { StringPrototypeCharCodeAt, StringPrototypeSlice } from '../primordials.js';
import { baseOf, formatPath, lastSegment, normalizeString, SLASH } from './path_shared.js';
import { validateString } from './validators.js';

const isSeparator = (code) => code === SLASH;
/** The working directory of an isolate, which has no files. */
const workingDirectory = '/';

export const sep = '/';
export const delimiter = ':';

export function resolve(...paths) {
  let resolved = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1 && !absolute; i--) {
    const path = i >= 0 ? paths[i] : workingDirectory;
    validateString(path, `paths[${i}]`);
    if (path.length === 0) continue;
    resolved = `${path}/${resolved}`;
    absolute = path[0] === '/';
  }
  resolved = normalizeString(resolved, !absolute, '/', isSeparator);
  if (absolute) return `/${resolved}`;
  return resolved.length > 0 ? resolved : '.';
}

export function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  const absolute = path[0] === '/';
  const trailing = path[path.length - 1] === '/';
  path = normalizeString(path, !absolute, '/', isSeparator);
  if (path.length === 0) {
    if (absolute) return '/';
    return trailing ? './' : '.';
  }
  if (trailing) path += '/';
  return absolute ? `/${path}` : path;
}

export function isAbsolute(path) {
  validateString(path, 'path');
  return path.length > 0 && path[0] === '/';
}

export function join(...paths) {
  let joined;
  for (let i = 0; i < paths.length; ++i) {
    validateString(paths[i], 'path');
    if (paths[i].length > 0) joined = joined === undefined ? paths[i] : `${joined}/${paths[i]}`;
  }
  return joined === undefined ? '.' : normalize(joined);
}

export function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  from = resolve(from);
  to = resolve(to);
  if (from === to) return '';
  const fromLength = from.length - 1;
  const toLength = to.length - 1;
  const length = fromLength < toLength ? fromLength : toLength;
  let lastCommon = -1;
  let i = 0;
  for (; i < length; i++) {
    const code = StringPrototypeCharCodeAt(from, 1 + i);
    if (code !== StringPrototypeCharCodeAt(to, 1 + i)) break;
    if (code === SLASH) lastCommon = i;
  }
  if (i === length) {
    if (toLength > length) {
      if (to[1 + i] === '/') return StringPrototypeSlice(to, 1 + i + 1);
      if (i === 0) return StringPrototypeSlice(to, 1 + i);
    } else if (fromLength > length) {
      if (from[1 + i] === '/') lastCommon = i;
      else if (i === 0) lastCommon = 0;
    }
  }
  let up = '';
  for (i = 1 + lastCommon + 1; i <= from.length; ++i) {
    if (i === from.length || from[i] === '/') up += up.length === 0 ? '..' : '/..';
  }
  return `${up}${StringPrototypeSlice(to, 1 + lastCommon)}`;
}

export function toNamespacedPath(path) {
  return path;
}

export function dirname(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  let end = -1;
  let trailing = true;
  for (let i = path.length - 1; i >= 1; --i) {
    if (path[i] === '/') {
      if (trailing) continue;
      end = i;
      break;
    }
    trailing = false;
  }
  if (end === -1) return path[0] === '/' ? '/' : '.';
  if (path[0] === '/' && end === 1) return '//';
  return StringPrototypeSlice(path, 0, end);
}

export function basename(path, suffix = undefined) {
  if (suffix !== undefined) validateString(suffix, 'ext');
  validateString(path, 'path');
  return baseOf(path, suffix, 0, isSeparator);
}

export function extname(path) {
  validateString(path, 'path');
  const { end, dot } = lastSegment(path, 0, isSeparator);
  return dot === -1 ? '' : StringPrototypeSlice(path, dot, end);
}

export function format(pathObject) {
  return formatPath('/', pathObject);
}

export function parse(path) {
  validateString(path, 'path');
  const parsed = { root: '', dir: '', base: '', ext: '', name: '' };
  if (path.length === 0) return parsed;
  const absolute = path[0] === '/';
  if (absolute) parsed.root = '/';
  const { begin, end, dot } = lastSegment(path, absolute ? 1 : 0, isSeparator);
  if (end !== -1) {
    parsed.base = StringPrototypeSlice(path, begin, end);
    parsed.name = dot === -1 ? parsed.base : StringPrototypeSlice(path, begin, dot);
    if (dot !== -1) parsed.ext = StringPrototypeSlice(path, dot, end);
  }
  if (begin > (absolute ? 1 : 0)) parsed.dir = StringPrototypeSlice(path, 0, begin - 1);
  else if (absolute) parsed.dir = '/';
  return parsed;
}

export { toNamespacedPath as _makeLong };

const module = {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format, parse, sep, delimiter, win32: null, posix: null, _makeLong: toNamespacedPath,
};
module.posix = module;

export default module;
export const posix = module;
