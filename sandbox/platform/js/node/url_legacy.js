// @ts-check
/** The legacy API of `node:url` (https://nodejs.org/docs/latest-v20.x/api/url.html#legacy-url-api). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSlice, ArrayPrototypeSplice, ArrayPrototypeUnshift, encodeURIComponent, decodeURIComponent, ReflectApply, RegExpPrototypeExec,
  StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeSplit, StringPrototypeToLowerCase, StringPrototypeTrim,
} from '../primordials.js';
import { invalidArgType, typeError } from './errors.js';
import { validateString } from './validators.js';

const members = ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href'];

/** @type {any} */
export function Url() {
  for (let i = 0; i < members.length; i++) this[members[i]] = null;
}

const scheme = /^[a-z0-9.+-]+:/i;
const portEnd = /:[0-9]*$/;
const hostPattern = /^\/\/[^@/]+@[^@/]+/;
const simplePath = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/;
const forbidden = /[\0\t\n\r #%/<>?@[\\\]^|]/;
const forbiddenInV6 = /[\0\t\n\r #%/<>?@\\^|]/;
const hostless = (protocol) => protocol === 'javascript' || protocol === 'javascript:';
const withSlashes = { __proto__: null, http: 1, 'http:': 1, https: 1, 'https:': 1, ftp: 1, 'ftp:': 1, gopher: 1, 'gopher:': 1, file: 1, 'file:': 1, ws: 1, 'ws:': 1, wss: 1, 'wss:': 1 };
const escapes = { __proto__: null, '\t': '%09', '\n': '%0A', '\r': '%0D', ' ': '%20', '"': '%22', "'": '%27', '<': '%3C', '>': '%3E', '\\': '%5C', '^': '%5E', '`': '%60', '{': '%7B', '|': '%7C', '}': '%7D' };

export function parse(url, parseQueryString = undefined, slashesDenoteHost = undefined) {
  if (url instanceof Url) return url;
  const parsed = new Url();
  parsed.parse(url, parseQueryString, slashesDenoteHost);
  return parsed;
}

/** Backslashes before the query are slashes. */
function withForwardSlashes(text) {
  const query = StringPrototypeIndexOf(text, '?');
  const hash = StringPrototypeIndexOf(text, '#');
  let end = query === -1 ? text.length : query;
  if (hash !== -1 && hash < end) end = hash;
  return ArrayPrototypeJoin(StringPrototypeSplit(StringPrototypeSlice(text, 0, end), '\\'), '/') + StringPrototypeSlice(text, end);
}

Url.prototype.parse = function parseInto(url, parseQueryString, slashesDenoteHost) {
  validateString(url, 'url');
  let rest = withForwardSlashes(StringPrototypeTrim(url));
  const { parse: parseQuery } = lazy('./node/querystring.js');
  if (!slashesDenoteHost && StringPrototypeIndexOf(rest, '#') === -1) {
    const simple = RegExpPrototypeExec(simplePath, rest);
    if (simple !== null) {
      this.path = this.href = rest;
      this.pathname = simple[1];
      if (simple[2]) {
        this.search = simple[2];
        this.query = parseQueryString ? parseQuery(StringPrototypeSlice(simple[2], 1)) : StringPrototypeSlice(simple[2], 1);
      } else if (parseQueryString) {
        this.search = null;
        this.query = { __proto__: null };
      }
      return this;
    }
  }
  const match = RegExpPrototypeExec(scheme, rest);
  let protocol;
  if (match !== null) {
    protocol = match[0];
    this.protocol = StringPrototypeToLowerCase(protocol);
    rest = StringPrototypeSlice(rest, protocol.length);
  }
  let slashes;
  if (slashesDenoteHost || protocol || RegExpPrototypeExec(hostPattern, rest) !== null) {
    slashes = rest[0] === '/' && rest[1] === '/';
    if (slashes && !(protocol && hostless(this.protocol))) {
      rest = StringPrototypeSlice(rest, 2);
      this.slashes = true;
    }
  }
  if (!hostless(this.protocol) && (slashes || (protocol && !withSlashes[this.protocol]))) rest = takeHost(this, rest, url);
  if (!hostless(this.protocol)) rest = escaped(rest);
  const hash = StringPrototypeIndexOf(rest, '#');
  if (hash !== -1) {
    this.hash = StringPrototypeSlice(rest, hash);
    rest = StringPrototypeSlice(rest, 0, hash);
  }
  const question = StringPrototypeIndexOf(rest, '?');
  if (question !== -1) {
    this.search = StringPrototypeSlice(rest, question);
    this.query = StringPrototypeSlice(rest, question + 1);
    if (parseQueryString) this.query = parseQuery(this.query);
    rest = StringPrototypeSlice(rest, 0, question);
  } else if (parseQueryString) {
    this.search = null;
    this.query = { __proto__: null };
  }
  if (rest !== '') this.pathname = rest;
  if (withSlashes[this.protocol] && this.hostname && !this.pathname) this.pathname = '/';
  if (this.pathname || this.search) this.path = `${this.pathname || ''}${this.search || ''}`;
  this.href = this.format();
  return this;
};

function escaped(text) {
  let out = '';
  for (let i = 0; i < text.length; i++) out += escapes[text[i]] ?? text[i];
  return out;
}

/** Takes user information, host name and port off the front; returns the rest. */
function takeHost(target, rest, url) {
  let end = -1;
  let at = -1;
  let nonHost = -1;
  for (let i = 0; i < rest.length && end === -1; i++) {
    const character = rest[i];
    if (character === '#' || character === '/' || character === '?') {
      if (nonHost === -1) nonHost = i;
      end = i;
    } else if (character === '@') {
      at = i;
      nonHost = -1;
    } else if (nonHost === -1 && (escapes[character] !== undefined || character === '%' || character === ';')) {
      nonHost = i;
    }
  }
  let start = 0;
  if (at !== -1) {
    target.auth = decodeURIComponent(StringPrototypeSlice(rest, 0, at));
    start = at + 1;
  }
  if (nonHost === -1) {
    target.host = StringPrototypeSlice(rest, start);
    rest = '';
  } else {
    target.host = StringPrototypeSlice(rest, start, nonHost);
    rest = StringPrototypeSlice(rest, nonHost);
  }
  const port = RegExpPrototypeExec(portEnd, target.host);
  let host = target.host;
  if (port !== null) {
    if (port[0].length > 1) target.port = StringPrototypeSlice(port[0], 1);
    host = StringPrototypeSlice(host, 0, host.length - port[0].length);
  }
  target.hostname = host ?? '';
  const isV6 = target.hostname[0] === '[' && target.hostname[target.hostname.length - 1] === ']';
  if (!isV6) rest = cutHostname(target, rest);
  target.hostname = target.hostname.length > 255 ? '' : StringPrototypeToLowerCase(target.hostname);
  if (target.hostname !== '') {
    if (isV6) {
      if (RegExpPrototypeExec(forbiddenInV6, target.hostname) !== null) throw invalidUrl(url);
    } else {
      target.hostname = lazy('./node/punycode.js').toASCII(target.hostname);
      if (target.hostname === '' || RegExpPrototypeExec(forbidden, target.hostname) !== null) throw invalidUrl(url);
    }
  }
  target.host = `${target.hostname || ''}${target.port ? `:${target.port}` : ''}`;
  if (isV6) {
    target.hostname = StringPrototypeSlice(target.hostname, 1, -1);
    if (rest[0] !== '/') rest = `/${rest}`;
  }
  return rest;
}

const invalidUrl = (input) => typeError('ERR_INVALID_URL', 'Invalid URL', { input });

function cutHostname(target, rest) {
  const { hostname } = target;
  for (let i = 0; i < hostname.length; ++i) {
    const code = StringPrototypeCharCodeAt(hostname, i);
    const valid = (code >= 97 && code <= 122) || code === 46 || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 45 || code === 43 || code === 95 || code > 127;
    if (valid) continue;
    target.hostname = StringPrototypeSlice(hostname, 0, i);
    return `/${StringPrototypeSlice(hostname, i)}${rest}`;
  }
  return rest;
}

export function format(urlObject) {
  if (typeof urlObject === 'string') urlObject = parse(urlObject);
  else if (typeof urlObject !== 'object' || urlObject === null) throw invalidArgType('urlObject', ['Object', 'string'], urlObject);
  return ReflectApply(Url.prototype.format, urlObject, []);
}

Url.prototype.format = function formatUrl() {
  let auth = this.auth || '';
  if (auth) {
    auth = encodeURIComponent(auth);
    const colon = StringPrototypeIndexOf(auth, '%3A');
    if (colon !== -1) auth = `${StringPrototypeSlice(auth, 0, colon)}:${StringPrototypeSlice(auth, colon + 3)}`;
    auth += '@';
  }
  let protocol = this.protocol || '';
  let pathname = this.pathname || '';
  let hash = this.hash || '';
  let host = '';
  let query = '';
  if (this.host) {
    host = auth + this.host;
  } else if (this.hostname) {
    const isV6 = StringPrototypeIndexOf(this.hostname, ':') !== -1 && this.hostname[0] !== '[';
    host = auth + (isV6 ? `[${this.hostname}]` : this.hostname);
    if (this.port) host += `:${this.port}`;
  }
  if (this.query !== null && typeof this.query === 'object') query = lazy('./node/querystring.js').stringify(this.query);
  let search = this.search || (query && `?${query}`) || '';
  if (protocol && protocol[protocol.length - 1] !== ':') protocol += ':';
  let escapedPath = '';
  for (let i = 0; i < pathname.length; i++) escapedPath += pathname[i] === '#' ? '%23' : pathname[i] === '?' ? '%3F' : pathname[i];
  pathname = escapedPath;
  if (this.slashes || withSlashes[protocol]) {
    if (this.slashes || host) {
      if (pathname && pathname[0] !== '/') pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (protocol.length >= 4 && StringPrototypeSlice(protocol, 0, 4) === 'file') {
      host = '//';
    }
  }
  search = ArrayPrototypeJoin(StringPrototypeSplit(search, '#'), '%23');
  if (hash && hash[0] !== '#') hash = `#${hash}`;
  if (search && search[0] !== '?') search = `?${search}`;
  return protocol + host + pathname + search + hash;
};

export function resolve(source, relative) {
  return parse(source, false, true).resolve(relative);
}

export function resolveObject(source, relative) {
  return source ? parse(source, false, true).resolveObject(relative) : relative;
}

Url.prototype.resolve = function resolveText(relative) {
  return this.resolveObject(parse(relative, false, true)).format();
};

Url.prototype.resolveObject = function resolveUrl(relative) {
  if (typeof relative === 'string') {
    const parsed = new Url();
    parsed.parse(relative, false, true);
    relative = parsed;
  }
  const result = new Url();
  for (let i = 0; i < members.length; i++) result[members[i]] = this[members[i]];
  result.hash = relative.hash;
  const done = () => {
    result.href = result.format();
    return result;
  };
  if (relative.href === '') return done();
  if (relative.slashes && !relative.protocol) {
    for (let i = 0; i < members.length; i++) if (members[i] !== 'protocol') result[members[i]] = relative[members[i]];
    if (withSlashes[result.protocol] && result.hostname && !result.pathname) result.path = result.pathname = '/';
    return done();
  }
  if (relative.protocol && relative.protocol !== result.protocol) {
    if (!withSlashes[relative.protocol]) {
      for (let i = 0; i < members.length; i++) result[members[i]] = relative[members[i]];
      return done();
    }
    result.protocol = relative.protocol;
    if (!relative.host && relative.protocol !== 'file:' && !hostless(relative.protocol)) {
      const parts = StringPrototypeSplit(relative.pathname || '', '/');
      while (parts.length > 0 && !(relative.host = ArrayPrototypeShift(parts)));
      relative.host ||= '';
      relative.hostname ||= '';
      if (parts[0] !== '') ArrayPrototypeUnshift(parts, '');
      if (parts.length < 2) ArrayPrototypeUnshift(parts, '');
      result.pathname = ArrayPrototypeJoin(parts, '/');
    } else {
      result.pathname = relative.pathname;
    }
    result.search = relative.search;
    result.query = relative.query;
    result.host = relative.host || '';
    result.auth = relative.auth;
    result.hostname = relative.hostname || relative.host;
    result.port = relative.port;
    if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '');
    result.slashes ||= relative.slashes;
    return done();
  }
  return resolveRelative(result, relative, done);
};

function resolveRelative(result, relative, done) {
  const sourceAbsolute = result.pathname && result.pathname[0] === '/';
  const relativeAbsolute = relative.host || (relative.pathname && relative.pathname[0] === '/');
  let mustEndAbsolute = relativeAbsolute || sourceAbsolute || (result.host && relative.pathname);
  const removeAllDots = mustEndAbsolute;
  let sourcePath = (result.pathname && StringPrototypeSplit(result.pathname, '/')) || [];
  const relativePath = (relative.pathname && StringPrototypeSplit(relative.pathname, '/')) || [];
  const noLeadingSlashes = result.protocol && !withSlashes[result.protocol];
  if (noLeadingSlashes) {
    result.hostname = '';
    result.port = null;
    if (result.host) {
      if (sourcePath[0] === '') sourcePath[0] = result.host;
      else ArrayPrototypeUnshift(sourcePath, result.host);
    }
    result.host = '';
    if (relative.protocol) {
      relative.hostname = null;
      relative.port = null;
      result.auth = null;
      if (relative.host) {
        if (relativePath[0] === '') relativePath[0] = relative.host;
        else ArrayPrototypeUnshift(relativePath, relative.host);
      }
      relative.host = null;
    }
    mustEndAbsolute &&= relativePath[0] === '' || sourcePath[0] === '';
  }
  if (relativeAbsolute) {
    if (relative.host || relative.host === '') {
      if (result.host !== relative.host) result.auth = null;
      result.host = relative.host;
      result.port = relative.port;
    }
    if (relative.hostname || relative.hostname === '') {
      if (result.hostname !== relative.hostname) result.auth = null;
      result.hostname = relative.hostname;
    }
    result.search = relative.search;
    result.query = relative.query;
    sourcePath = relativePath;
  } else if (relativePath.length > 0) {
    sourcePath = ArrayPrototypeSlice(sourcePath, 0, -1);
    for (let i = 0; i < relativePath.length; i++) ArrayPrototypePush(sourcePath, relativePath[i]);
    result.search = relative.search;
    result.query = relative.query;
  } else if (relative.search !== null && relative.search !== undefined) {
    if (noLeadingSlashes) {
      result.hostname = result.host = ArrayPrototypeShift(sourcePath);
      splitAuth(result);
    }
    result.search = relative.search;
    result.query = relative.query;
    if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '');
    return done();
  }
  if (sourcePath.length === 0) {
    result.pathname = null;
    result.path = result.search ? `/${result.search}` : null;
    return done();
  }
  let last = sourcePath[sourcePath.length - 1];
  const trailingSlash = ((result.host || relative.host || sourcePath.length > 1) && (last === '.' || last === '..')) || last === '';
  let up = 0;
  for (let i = sourcePath.length - 1; i >= 0; i--) {
    last = sourcePath[i];
    if (last === '.') {
      ArrayPrototypeSplice(sourcePath, i, 1);
    } else if (last === '..') {
      ArrayPrototypeSplice(sourcePath, i, 1);
      up++;
    } else if (up) {
      ArrayPrototypeSplice(sourcePath, i, 1);
      up--;
    }
  }
  if (!mustEndAbsolute && !removeAllDots) while (up-- > 0) ArrayPrototypeUnshift(sourcePath, '..');
  if (mustEndAbsolute && sourcePath[0] !== '' && (!sourcePath[0] || sourcePath[0][0] !== '/')) ArrayPrototypeUnshift(sourcePath, '');
  const joined = ArrayPrototypeJoin(sourcePath, '/');
  if (trailingSlash && joined[joined.length - 1] !== '/') ArrayPrototypePush(sourcePath, '');
  const isAbsolute = sourcePath[0] === '' || (sourcePath[0] && sourcePath[0][0] === '/');
  if (noLeadingSlashes) {
    result.hostname = result.host = isAbsolute ? '' : sourcePath.length ? ArrayPrototypeShift(sourcePath) : '';
    splitAuth(result);
  }
  mustEndAbsolute ||= result.host && sourcePath.length;
  if (mustEndAbsolute && !isAbsolute) ArrayPrototypeUnshift(sourcePath, '');
  if (sourcePath.length === 0) {
    result.pathname = null;
    result.path = null;
  } else {
    result.pathname = ArrayPrototypeJoin(sourcePath, '/');
  }
  if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '');
  result.auth = relative.auth || result.auth;
  result.slashes ||= relative.slashes;
  return done();
}

function splitAuth(result) {
  const at = result.host ? StringPrototypeIndexOf(result.host, '@') : -1;
  if (at <= 0) return;
  result.auth = StringPrototypeSlice(result.host, 0, at);
  result.host = result.hostname = StringPrototypeSlice(result.host, at + 1);
}

