// @ts-check
/** `node:path/win32` (https://nodejs.org/docs/latest-v20.x/api/path.html). */

import { StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase } from '../primordials.js';
import { BACKSLASH, baseOf, COLON, formatPath, lastSegment, normalizeString, SLASH } from './path_shared.js';
import { validateString } from './validators.js';

const isSeparator = (code) => code === SLASH || code === BACKSLASH;
const separatorAt = (path, index) => index < path.length && isSeparator(StringPrototypeCharCodeAt(path, index));
const isLetter = (code) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const workingDirectory = '/';

export const sep = '\\';
export const delimiter = ';';

/** `{ device, rootEnd, absolute }`: "C:" or "\\\\server\\share", where the path below it begins, and whether that begins at a root. */
function splitRoot(path) {
  const { length } = path;
  let device = '';
  let rootEnd = 0;
  let absolute = false;
  if (length === 0) return { device, rootEnd, absolute };
  const code = StringPrototypeCharCodeAt(path, 0);
  if (isSeparator(code)) {
    absolute = true;
    rootEnd = 1;
    if (separatorAt(path, 1)) {
      let at = 2;
      let last = at;
      while (at < length && !separatorAt(path, at)) at++;
      if (at < length && at !== last) {
        const server = StringPrototypeSlice(path, last, at);
        last = at;
        while (at < length && separatorAt(path, at)) at++;
        if (server === '.' || server === '?') {
          device = `\\\\${server}`;
          rootEnd = 4;
        } else if (at < length && at !== last) {
          last = at;
          while (at < length && !separatorAt(path, at)) at++;
          if (at === length || at !== last) {
            device = `\\\\${server}\\${StringPrototypeSlice(path, last, at)}`;
            rootEnd = at;
          }
        }
      }
    }
  } else if (isLetter(code) && length > 1 && StringPrototypeCharCodeAt(path, 1) === COLON) {
    device = StringPrototypeSlice(path, 0, 2);
    rootEnd = 2;
    if (separatorAt(path, 2)) {
      absolute = true;
      rootEnd = 3;
    }
  }
  return { device, rootEnd, absolute };
}

export function resolve(...paths) {
  let device = '';
  let tail = '';
  let absolute = false;
  for (let i = paths.length - 1; i >= -1; i--) {
    let path;
    if (i >= 0) {
      path = paths[i];
      validateString(path, `paths[${i}]`);
      if (path.length === 0) continue;
    } else if (device.length === 0) {
      path = workingDirectory;
    } else {
      path = `${device}\\`;
    }
    const root = splitRoot(path);
    if (root.device.length > 0) {
      if (device.length > 0) {
        if (StringPrototypeToLowerCase(root.device) !== StringPrototypeToLowerCase(device)) continue;
      } else {
        device = root.device;
      }
    }
    if (absolute) {
      if (device.length > 0) break;
    } else {
      tail = `${StringPrototypeSlice(path, root.rootEnd)}\\${tail}`;
      absolute = root.absolute;
      if (absolute && device.length > 0) break;
    }
  }
  tail = normalizeString(tail, !absolute, '\\', isSeparator);
  return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
}

export function normalize(path) {
  validateString(path, 'path');
  if (path.length === 0) return '.';
  if (path.length === 1) return separatorAt(path, 0) ? '\\' : path;
  const { device, rootEnd, absolute } = splitRoot(path);
  if (rootEnd === path.length && device.length > 2) return `${device}\\`;
  let tail = rootEnd < path.length ? normalizeString(StringPrototypeSlice(path, rootEnd), !absolute, '\\', isSeparator) : '';
  if (tail.length === 0 && !absolute) tail = '.';
  if (tail.length > 0 && separatorAt(path, path.length - 1)) tail += '\\';
  if (!absolute && device === '' && namesDevice(path, tail)) return `.\\${tail}`;
  return absolute ? `${device}\\${tail}` : `${device}${tail}`;
}

/** Whether a relative path would become one of a drive or device. */
function namesDevice(path, tail) {
  if (tail.length >= 2 && isLetter(StringPrototypeCharCodeAt(tail, 0)) && tail[1] === ':') return true;
  for (let at = StringPrototypeIndexOf(path, ':'); at !== -1; at = StringPrototypeIndexOf(path, ':', at + 1)) {
    if (at === path.length - 1 || separatorAt(path, at + 1)) return true;
  }
  return false;
}

export function isAbsolute(path) {
  validateString(path, 'path');
  if (path.length === 0) return false;
  if (separatorAt(path, 0)) return true;
  return path.length > 2 && isLetter(StringPrototypeCharCodeAt(path, 0)) && path[1] === ':' && separatorAt(path, 2);
}

export function join(...paths) {
  let joined;
  let first;
  for (let i = 0; i < paths.length; ++i) {
    validateString(paths[i], 'path');
    if (paths[i].length === 0) continue;
    if (joined === undefined) joined = first = paths[i];
    else joined += `\\${paths[i]}`;
  }
  if (joined === undefined) return '.';
  // Two separators at the beginning mean a server only if the first part says so.
  let needsReplace = true;
  let slashes = 0;
  if (separatorAt(first, 0)) {
    ++slashes;
    if (first.length > 1 && separatorAt(first, 1)) {
      ++slashes;
      if (first.length > 2) {
        if (separatorAt(first, 2)) ++slashes;
        else needsReplace = false;
      }
    }
  }
  if (needsReplace) {
    while (slashes < joined.length && separatorAt(joined, slashes)) slashes++;
    if (slashes >= 2) joined = `\\${StringPrototypeSlice(joined, slashes)}`;
  }
  return normalize(joined);
}

/** Where the path begins and ends without separators around it. */
function trimmed(path) {
  let start = 0;
  while (start < path.length && path[start] === '\\') start++;
  let end = path.length;
  while (end - 1 > start && path[end - 1] === '\\') end--;
  return { start, end };
}

export function relative(from, to) {
  validateString(from, 'from');
  validateString(to, 'to');
  if (from === to) return '';
  const fromOriginal = resolve(from);
  const toOriginal = resolve(to);
  if (fromOriginal === toOriginal) return '';
  from = StringPrototypeToLowerCase(fromOriginal);
  to = StringPrototypeToLowerCase(toOriginal);
  if (from === to) return '';
  const { start: fromStart, end: fromEnd } = trimmed(from);
  const { start: toStart, end: toEnd } = trimmed(to);
  const fromLength = fromEnd - fromStart;
  const toLength = toEnd - toStart;
  const length = fromLength < toLength ? fromLength : toLength;
  let lastCommon = -1;
  let i = 0;
  for (; i < length; i++) {
    if (from[fromStart + i] !== to[toStart + i]) break;
    if (from[fromStart + i] === '\\') lastCommon = i;
  }
  if (i !== length) {
    if (lastCommon === -1) return toOriginal;
  } else {
    if (toLength > length) {
      if (to[toStart + i] === '\\') return StringPrototypeSlice(toOriginal, toStart + i + 1);
      if (i === 2) return StringPrototypeSlice(toOriginal, toStart + i);
    }
    if (fromLength > length) {
      if (from[fromStart + i] === '\\') lastCommon = i;
      else if (i === 2) lastCommon = 3;
    }
    if (lastCommon === -1) lastCommon = 0;
  }
  let out = '';
  for (i = fromStart + lastCommon + 1; i <= fromEnd; ++i) {
    if (i === fromEnd || from[i] === '\\') out += out.length === 0 ? '..' : '\\..';
  }
  let at = toStart + lastCommon;
  if (out.length > 0) return `${out}${StringPrototypeSlice(toOriginal, at, toEnd)}`;
  if (toOriginal[at] === '\\') ++at;
  return StringPrototypeSlice(toOriginal, at, toEnd);
}

export function toNamespacedPath(path) {
  if (typeof path !== 'string' || path.length === 0) return path;
  const resolved = resolve(path);
  if (resolved.length <= 2) return path;
  if (resolved[0] === '\\') {
    if (resolved[1] === '\\' && resolved[2] !== '?' && resolved[2] !== '.') return `\\\\?\\UNC\\${StringPrototypeSlice(resolved, 2)}`;
  } else if (isLetter(StringPrototypeCharCodeAt(resolved, 0)) && resolved[1] === ':' && resolved[2] === '\\') {
    return `\\\\?\\${resolved}`;
  }
  return resolved;
}

export function dirname(path) {
  validateString(path, 'path');
  const { length } = path;
  if (length === 0) return '.';
  if (length === 1) return separatorAt(path, 0) ? path : '.';
  const { device, rootEnd: end, absolute } = splitRoot(path);
  let rootEnd = -1;
  let offset = 0;
  if (absolute && device.length > 2) {
    if (end === length) return path;
    rootEnd = offset = end + 1;
  } else if (end > 0) {
    rootEnd = offset = end;
  }
  let cut = -1;
  let trailing = true;
  for (let i = length - 1; i >= offset; --i) {
    if (separatorAt(path, i)) {
      if (trailing) continue;
      cut = i;
      break;
    }
    trailing = false;
  }
  if (cut === -1) {
    if (rootEnd === -1) return '.';
    cut = rootEnd;
  }
  return StringPrototypeSlice(path, 0, cut);
}

const afterDrive = (path) => (path.length >= 2 && isLetter(StringPrototypeCharCodeAt(path, 0)) && path[1] === ':' ? 2 : 0);

export function basename(path, suffix = undefined) {
  if (suffix !== undefined) validateString(suffix, 'ext');
  validateString(path, 'path');
  return baseOf(path, suffix, afterDrive(path), isSeparator);
}

export function extname(path) {
  validateString(path, 'path');
  const { end, dot } = lastSegment(path, afterDrive(path), isSeparator);
  return dot === -1 ? '' : StringPrototypeSlice(path, dot, end);
}

export function format(pathObject) {
  return formatPath('\\', pathObject);
}

export function parse(path) {
  validateString(path, 'path');
  const parsed = { root: '', dir: '', base: '', ext: '', name: '' };
  if (path.length === 0) return parsed;
  const { device, rootEnd: below, absolute } = splitRoot(path);
  let rootEnd = below;
  if (absolute && device.length > 2 && below < path.length) rootEnd = below + 1;
  if (path.length === 1) {
    if (absolute) parsed.root = parsed.dir = path;
    else parsed.base = parsed.name = path;
    return parsed;
  }
  if (rootEnd > 0) parsed.root = StringPrototypeSlice(path, 0, rootEnd);
  const { begin, end, dot } = lastSegment(path, rootEnd, isSeparator);
  if (end !== -1) {
    parsed.base = StringPrototypeSlice(path, begin, end);
    parsed.name = dot === -1 ? parsed.base : StringPrototypeSlice(path, begin, dot);
    if (dot !== -1) parsed.ext = StringPrototypeSlice(path, dot, end);
  }
  parsed.dir = begin > 0 && begin !== rootEnd ? StringPrototypeSlice(path, 0, begin - 1) : parsed.root;
  return parsed;
}

export { toNamespacedPath as _makeLong };

const module = {
  resolve, normalize, isAbsolute, join, relative, toNamespacedPath, dirname, basename, extname, format, parse, sep, delimiter, win32: null, posix: null, _makeLong: toNamespacedPath,
};
module.win32 = module;

export default module;
export const win32 = module;
