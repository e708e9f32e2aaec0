// @ts-check
/** What the two flavours of node:path share. */

import { StringPrototypeCharCodeAt, StringPrototypeLastIndexOf, StringPrototypeSlice } from '../primordials.js';
import { validateObject } from './validators.js';

export const DOT = 46;
export const SLASH = 47;
export const BACKSLASH = 92;
export const COLON = 58;

/** Resolves `.` and `..` in a path without its root. */
export function normalizeString(path, allowAboveRoot, separator, isSeparator) {
  let result = '';
  let lastSegment = 0;
  let lastSlash = -1;
  let dots = 0;
  let code = 0;
  for (let i = 0; i <= path.length; ++i) {
    if (i < path.length) code = StringPrototypeCharCodeAt(path, i);
    else if (isSeparator(code)) break;
    else code = SLASH;
    if (!isSeparator(code)) {
      dots = code === DOT && dots !== -1 ? dots + 1 : -1;
      continue;
    }
    if (lastSlash === i - 1 || dots === 1) {
      // Nothing between two separators, or a single dot.
    } else if (dots === 2) {
      const last = result.length;
      if (last < 2 || lastSegment !== 2 || StringPrototypeSlice(result, -2) !== '..') {
        if (last > 2) {
          const cut = StringPrototypeLastIndexOf(result, separator);
          if (cut === -1) {
            result = '';
            lastSegment = 0;
          } else {
            result = StringPrototypeSlice(result, 0, cut);
            lastSegment = result.length - 1 - StringPrototypeLastIndexOf(result, separator);
          }
          lastSlash = i;
          dots = 0;
          continue;
        }
        if (last !== 0) {
          result = '';
          lastSegment = 0;
          lastSlash = i;
          dots = 0;
          continue;
        }
      }
      if (allowAboveRoot) {
        result += result.length > 0 ? `${separator}..` : '..';
        lastSegment = 2;
      }
    } else {
      const segment = StringPrototypeSlice(path, lastSlash + 1, i);
      result += result.length > 0 ? separator + segment : segment;
      lastSegment = i - lastSlash - 1;
    }
    lastSlash = i;
    dots = 0;
  }
  return result;
}

export function formatPath(separator, path) {
  validateObject(path, 'pathObject');
  const dir = path.dir || path.root;
  const ext = path.ext ? `${path.ext[0] === '.' ? '' : '.'}${path.ext}` : '';
  const base = path.base || `${path.name || ''}${ext}`;
  if (!dir) return base;
  return dir === path.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

/** The bounds of the last segment of `path` from `start` on: `{ begin, end, dot }`, with -1 for what is not there. */
export function lastSegment(path, start, isSeparator) {
  let begin = start;
  let end = -1;
  let dot = -1;
  let trailing = true;
  /** 0: no dot yet; 1: characters before one; -1: a name that does not begin with its dot. */
  let before = 0;
  for (let i = path.length - 1; i >= start; --i) {
    const code = StringPrototypeCharCodeAt(path, i);
    if (isSeparator(code)) {
      if (trailing) continue;
      begin = i + 1;
      break;
    }
    if (end === -1) {
      trailing = false;
      end = i + 1;
    }
    if (code === DOT) {
      if (dot === -1) dot = i;
      else if (before !== 1) before = 1;
    } else if (dot !== -1) {
      before = -1;
    }
  }
  if (dot === -1 || end === -1 || before === 0 || (before === 1 && dot === end - 1 && dot === begin + 1)) dot = -1;
  return { begin, end, dot };
}

/** The last segment without `suffix`. */
export function baseOf(path, suffix, start, isSeparator) {
  let begin = start;
  let end = -1;
  let trailing = true;
  if (suffix !== undefined && suffix.length > 0 && suffix.length <= path.length) {
    if (suffix === path) return '';
    let at = suffix.length - 1;
    let firstEnd = -1;
    for (let i = path.length - 1; i >= start; --i) {
      const code = StringPrototypeCharCodeAt(path, i);
      if (isSeparator(code)) {
        if (trailing) continue;
        begin = i + 1;
        break;
      }
      if (firstEnd === -1) {
        trailing = false;
        firstEnd = i + 1;
      }
      if (at < 0) continue;
      if (code === StringPrototypeCharCodeAt(suffix, at)) {
        if (--at === -1) end = i;
      } else {
        at = -1;
        end = firstEnd;
      }
    }
    if (begin === end) end = firstEnd;
    else if (end === -1) end = path.length;
    return StringPrototypeSlice(path, begin, end);
  }
  for (let i = path.length - 1; i >= start; --i) {
    if (isSeparator(StringPrototypeCharCodeAt(path, i))) {
      if (trailing) continue;
      begin = i + 1;
      break;
    }
    if (end === -1) {
      trailing = false;
      end = i + 1;
    }
  }
  return end === -1 ? '' : StringPrototypeSlice(path, begin, end);
}
