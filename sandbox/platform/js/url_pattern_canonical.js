// @ts-check
/**
 * URL Pattern Standard §3 "Canonicalization" (https://urlpattern.spec.whatwg.org/#canonicalization). Each
 * function returns its value as it would stand in a URL, or throws a TypeError.
 */

import {
  RegExpPrototypeExec, StringPrototypeEndsWith, StringPrototypeIncludes, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
  StringPrototypeToLowerCase, TypeError,
} from './primordials.js';
import { escapePatternString } from './url_pattern_component.js';
import { HASH, HOSTNAME, PASSWORD, PATHNAME, PORT_NUMBER, SEARCH, USERNAME, urlParts, urlPartsAfter } from './url.js';

/** Never fetched; ".invalid" makes that plain. */
const DUMMY = 'https://dummy.invalid/';

const SPECIAL_SCHEMES = { __proto__: null, ftp: '21', file: '', http: '80', https: '443', ws: '80', wss: '443' };
const schemes = ['ftp', 'file', 'http', 'https', 'ws', 'wss'];

/** The default port of a special scheme, '' if it has none; undefined for other schemes. */
export const defaultPort = (protocol) => SPECIAL_SCHEMES[protocol];

/** "Protocol component matches a special scheme". */
export function matchesSpecialScheme(component) {
  for (let i = 0; i < schemes.length; i++) if (component.exec(schemes[i]) !== null) return true;
  return false;
}

function required(parts, what, value) {
  if (parts === undefined) throw new TypeError(`'${StringPrototypeSlice(value, 0, 200)}' is not a valid ${what}`);
  return parts;
}

export function canonicalizeProtocol(value) {
  return value === '' ? value : required(urlParts(`${value}://dummy.invalid/`), 'protocol', value).protocol;
}

export function canonicalizeUsername(value) {
  return value === '' ? value : required(urlPartsAfter(DUMMY, USERNAME, value), 'username', value).username;
}

export function canonicalizePassword(value) {
  return value === '' ? value : required(urlPartsAfter(DUMMY, PASSWORD, value), 'password', value).password;
}

export function canonicalizeHostname(value) {
  return value === '' ? value : required(urlPartsAfter(DUMMY, HOSTNAME, value), 'hostname', value).hostname;
}

const ipv6Characters = /^[0-9a-f[\]:]*$/i;

export function canonicalizeIPv6Hostname(value) {
  if (RegExpPrototypeExec(ipv6Characters, value) === null) required(undefined, 'hostname', value);
  return StringPrototypeToLowerCase(value);
}

export function canonicalizePort(value, protocol = undefined) {
  if (value === '') return value;
  // The protocol's default port counts as none. A file's URL takes no port from the setter.
  const base = defaultPort(protocol) ? `${protocol}://dummy.invalid/` : 'dummy://dummy.invalid/';
  return required(urlPartsAfter(base, PORT_NUMBER, value), 'port', value).port;
}

export function canonicalizePathname(value) {
  if (value === '') return value;
  // Otherwise the parser would put a slash before it.
  const leadingSlash = value[0] === '/';
  const { pathname } = required(urlPartsAfter(DUMMY, PATHNAME, leadingSlash ? value : `/-${value}`), 'pathname', value);
  return leadingSlash ? pathname : StringPrototypeSlice(pathname, 2);
}

export function canonicalizeOpaquePathname(value) {
  // The letter keeps a slash at the beginning from making it a path with parts.
  return value === '' ? value : StringPrototypeSlice(required(urlParts(`data:-${value}`), 'pathname', value).pathname, 1);
}

export function canonicalizeSearch(value) {
  return value === '' ? value : required(urlPartsAfter(DUMMY, SEARCH, `?${value}`), 'search', value).search;
}

export function canonicalizeHash(value) {
  return value === '' ? value : required(urlPartsAfter(DUMMY, HASH, `#${value}`), 'hash', value).hash;
}

/** Which members of an init, if it has one of them, keep the base URL's part out. */
const INHERITED = [
  'protocol', ['protocol'],
  'username', ['protocol', 'hostname', 'port', 'username'],
  'password', ['protocol', 'hostname', 'port', 'username', 'password'],
  'hostname', ['protocol', 'hostname'],
  'port', ['protocol', 'hostname', 'port'],
  'pathname', ['protocol', 'hostname', 'port', 'pathname'],
  'search', ['protocol', 'hostname', 'port', 'pathname', 'search'],
  'hash', ['protocol', 'hostname', 'port', 'pathname', 'search', 'hash'],
];

/**
 * "Process a URLPatternInit".
 * @param {any} init without prototype
 * @param {boolean} isPattern whether its members are patterns; otherwise they are parts of a URL
 * @param {any} result what the members are to begin with
 */
export function processURLPatternInit(init, isPattern, result) {
  let base;
  if (init.baseURL !== undefined) {
    base = required(urlParts(init.baseURL, undefined), 'base URL', init.baseURL);
    for (let i = 0; i < INHERITED.length; i += 2) {
      const name = /** @type {string} */ (INHERITED[i]);
      // Credentials of the base are nothing to match by.
      if (isPattern && (name === 'username' || name === 'password')) continue;
      if (hasNone(init, INHERITED[i + 1])) result[name] = processBaseURLString(base[name], isPattern);
    }
  }
  if (init.protocol !== undefined) {
    const protocol = withoutEnd(init.protocol, ':');
    result.protocol = isPattern ? protocol : canonicalizeProtocol(protocol);
  }
  if (init.username !== undefined) result.username = isPattern ? init.username : canonicalizeUsername(init.username);
  if (init.password !== undefined) result.password = isPattern ? init.password : canonicalizePassword(init.password);
  if (init.hostname !== undefined) result.hostname = isPattern ? init.hostname : canonicalizeHostname(init.hostname);
  const protocol = result.protocol ?? '';
  if (init.port !== undefined) result.port = isPattern ? init.port : canonicalizePort(init.port, protocol);
  if (init.pathname !== undefined) {
    let { pathname } = init;
    if (base !== undefined && !hasOpaquePath(base) && !isAbsolutePathname(pathname, isPattern)) {
      const basePath = processBaseURLString(base.pathname, isPattern);
      pathname = StringPrototypeSlice(basePath, 0, StringPrototypeLastIndexOf(basePath, '/') + 1) + pathname;
    }
    result.pathname = isPattern ? pathname : processPathname(pathname, protocol);
  }
  if (init.search !== undefined) {
    const search = withoutStart(init.search, '?');
    result.search = isPattern ? search : canonicalizeSearch(search);
  }
  if (init.hash !== undefined) {
    const hash = withoutStart(init.hash, '#');
    result.hash = isPattern ? hash : canonicalizeHash(hash);
  }
  return result;
}

/** "Process pathname for init" of a URL. */
function processPathname(pathname, protocol) {
  return protocol === '' || defaultPort(protocol) !== undefined ? canonicalizePathname(pathname) : canonicalizeOpaquePathname(pathname);
}

const processBaseURLString = (value, isPattern) => (isPattern ? escapePatternString(value) : value);

function hasNone(init, names) {
  for (let i = 0; i < names.length; i++) if (init[names[i]] !== undefined) return false;
  return true;
}

/** A path that is not opaque begins with a slash, or is empty where there is a host. */
function hasOpaquePath({ href, protocol, pathname }) {
  return pathname[0] !== '/' && !StringPrototypeStartsWith(href, `${protocol}://`);
}

/** "Is an absolute pathname". */
function isAbsolutePathname(pathname, isPattern) {
  if (pathname[0] === '/') return true;
  return isPattern && (StringPrototypeStartsWith(pathname, '\\/') || StringPrototypeStartsWith(pathname, '{/'));
}

const withoutEnd = (value, end) => (StringPrototypeEndsWith(value, end) ? StringPrototypeSlice(value, 0, -1) : value);
const withoutStart = (value, start) => (StringPrototypeStartsWith(value, start) ? StringPrototypeSlice(value, 1) : value);

/** "Hostname pattern is an IPv6 address". */
export function isIPv6HostnamePattern(pattern) {
  return pattern.length >= 2 && (pattern[0] === '[' || (StringPrototypeIncludes('{\\', pattern[0]) && pattern[1] === '['));
}
