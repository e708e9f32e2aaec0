// @ts-check
/** `node:url` (https://nodejs.org/docs/latest-v20.x/api/url.html). */

import { RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith, decodeURIComponent } from '../primordials.js';
import { URL, URLSearchParams } from '../url.js';
import { invalidArgType, typeError } from './errors.js';
import { resolve as resolvePath } from './path_posix.js';
import { toUnicode } from './punycode.js';
import { format as formatLegacy, parse, resolve, resolveObject, Url } from './url_legacy.js';
import { validateString } from './validators.js';

export { parse, resolve, resolveObject, Url, URL, URLSearchParams };

const isURL = (value) => !!(value?.href && value.protocol && value.auth === undefined && value.path === undefined);

/** A URL object with parts left out as options say, or a legacy one as text. */
export function format(urlObject, options = undefined) {
  if (!isURL(urlObject)) return formatLegacy(urlObject);
  if (options !== undefined && (typeof options !== 'object' || options === null)) throw invalidArgType('options', 'Object', options);
  const { fragment = true, unicode = false, search = true, auth = true } = options ?? {};
  const url = new URL(urlObject.href);
  if (!fragment) url.hash = '';
  if (!search) url.search = '';
  if (!auth) {
    url.username = '';
    url.password = '';
  }
  if (!unicode || url.hostname === '') return url.href;
  const at = StringPrototypeIndexOf(url.href, url.hostname);
  return StringPrototypeSlice(url.href, 0, at) + domainToUnicode(url.hostname) + StringPrototypeSlice(url.href, at + url.hostname.length);
}

export function domainToASCII(domain) {
  const url = URL.parse(`ws://${domain}`);
  return url === null ? '' : url.hostname;
}

export function domainToUnicode(domain) {
  const ascii = domainToASCII(domain);
  return StringPrototypeIncludes(ascii, 'xn--') ? toUnicode(ascii) : ascii;
}

export function pathToFileURL(path) {
  validateString(path, 'path');
  let resolved = resolvePath(path);
  if (path[path.length - 1] === '/' && resolved[resolved.length - 1] !== '/') resolved += '/';
  const url = new URL('file:///');
  let escaped = '';
  for (let i = 0; i < resolved.length; i++) {
    const at = StringPrototypeIndexOf('%\\\n\r\t?#', resolved[i]);
    escaped += at === -1 ? resolved[i] : ['%25', '%5C', '%0A', '%0D', '%09', '%3F', '%23'][at];
  }
  url.pathname = escaped;
  return url;
}

const escapedSlash = /%2f/i;

export function fileURLToPath(path, options = undefined) {
  if (typeof path === 'string') path = new URL(path);
  else if (!isURL(path)) throw invalidArgType('path', ['string', 'URL'], path);
  if (path.protocol !== 'file:') throw typeError('ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
  if (options?.windows) throw typeError('ERR_INVALID_FILE_URL_PATH', 'File URL path must be absolute');
  if (path.hostname !== '') throw typeError('ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
  if (RegExpPrototypeExec(escapedSlash, path.pathname) !== null) throw typeError('ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
  return decodeURIComponent(path.pathname);
}

export function urlToHttpOptions(url) {
  const { hostname, pathname, port, username, password, search } = url;
  return {
    __proto__: null,
    ...url,
    protocol: url.protocol,
    hostname: hostname && StringPrototypeStartsWith(hostname, '[') ? StringPrototypeSlice(hostname, 1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ''}${search || ''}`,
    href: url.href,
    ...(port !== '' && { port: +port }),
    ...((username || password) && { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }),
  };
}

export default {
  Url, parse, resolve, resolveObject, format, URL, URLSearchParams, domainToASCII, domainToUnicode, pathToFileURL, fileURLToPath, urlToHttpOptions,
};
