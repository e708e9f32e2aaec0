// @ts-check
/**
 * Cache and CacheStorage of the Service Worker specification (https://w3c.github.io/ServiceWorker/#cache-objects), and the
 * `default` cache that Cloudflare Workers add.
 *
 * The host keeps what is cached, for the tenant. As with Workers and unlike in browsers, it is a shared HTTP cache: a response
 * that says that it must not be kept is not, one that is stale is gone, and anything may go when room is needed. A conditional
 * request is answered with 304, one for a range with 206.
 */

import { DOMException } from './dom_exception.js';
import { fetch, send } from './fetch.js';
import { createHeaders, headersFromBlock, headersGet, headersRemove, headersToBlock } from './headers.js';
import { ops, then } from './ops.js';
import {
  ArrayPrototypeIndexOf, ArrayPrototypePush, NumberParseInt, NumberPrototypeToString, PromiseReject, PromiseResolve, PromiseWithResolvers,
  RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypePadStart,
  StringPrototypeSlice, StringPrototypeSplit, StringPrototypeStartsWith, StringPrototypeToLowerCase, StringPrototypeTrim, TypeError,
} from './primordials.js';
import { Date, DateNow, DatePrototypeGetTime } from './primordials/date.js';
import { MathFloor } from './primordials/math.js';
import { JSONParse, JSONStringify } from './primordials/json.js';
import { Request, isRequest, requestParts } from './request.js';
import { createFetchResponse, isResponse, responseParts } from './response.js';
import { configureInterface, converters, createDictionaryConverter, createSequenceConverter, illegalConstructor, privateToken, requiredArguments } from './webidl.js';

const HOST = 'insula-cache://host/';
const MANUAL = 2;

const queryMembers = [
  { key: 'ignoreMethod', converter: converters.boolean, defaultValue: () => false },
  { key: 'ignoreSearch', converter: converters.boolean, defaultValue: () => false },
  { key: 'ignoreVary', converter: converters.boolean, defaultValue: () => false },
];
const toQueryOptions = createDictionaryConverter('CacheQueryOptions', queryMembers);
const toMultiQueryOptions = createDictionaryConverter('MultiCacheQueryOptions', queryMembers, [{ key: 'cacheName', converter: converters.DOMString }]);
const toRequests = createSequenceConverter((value) => toRequest(value));

function toRequest(input) {
  return isRequest(input) ? input : new Request(input);
}

/** Runs an algorithm that may throw; its promise. */
function promised(steps) {
  try {
    return PromiseResolve(steps());
  } catch (error) {
    return PromiseReject(error);
  }
}

export class Cache {
  /** As the host knows it. */
  #name;

  constructor(token = undefined, name = undefined) {
    if (token !== privateToken) illegalConstructor();
    this.#name = name;
  }

  match(request, options = undefined) {
    return promised(() => {
      const prefix = "Failed to execute 'match' on 'Cache'";
      const name = this.#name;
      requiredArguments(arguments.length, 1, prefix);
      return match(name, toRequest(request), toQueryOptions(options, prefix, 'Argument 2'));
    });
  }

  /** A subrequest for the keys, then one for each response: each counts against the request's limit. */
  matchAll(request = undefined, options = undefined) {
    return promised(() => {
      const prefix = "Failed to execute 'matchAll' on 'Cache'";
      const name = this.#name;
      const query = toQueryOptions(options, prefix, 'Argument 2');
      const sought = request === undefined ? undefined : toRequest(request);
      return then(keys(name, sought, query), (requests) => {
        const responses = [];
        return oneByOne(requests, (key) => then(match(name, key, exact), (response) => {
          if (response !== undefined) ArrayPrototypePush(responses, response);
        }), () => responses);
      });
    });
  }

  add(request) {
    return promised(() => {
      const name = this.#name;
      requiredArguments(arguments.length, 1, "Failed to execute 'add' on 'Cache'");
      return addAll(name, [toRequest(request)]);
    });
  }

  addAll(requests) {
    return promised(() => {
      const prefix = "Failed to execute 'addAll' on 'Cache'";
      const name = this.#name;
      requiredArguments(arguments.length, 1, prefix);
      return addAll(name, toRequests(requests, prefix, 'Argument 1'));
    });
  }

  put(request, response) {
    return promised(() => {
      const prefix = "Failed to execute 'put' on 'Cache'";
      const name = this.#name;
      requiredArguments(arguments.length, 2, prefix);
      const key = toRequest(request);
      if (!isResponse(response)) throw new TypeError(`${prefix}: Argument 2 is not of type 'Response'.`);
      return put(name, key, response, prefix);
    });
  }

  delete(request, options = undefined) {
    return promised(() => {
      const prefix = "Failed to execute 'delete' on 'Cache'";
      const name = this.#name;
      requiredArguments(arguments.length, 1, prefix);
      const { method, url } = requestParts(toRequest(request));
      const query = toQueryOptions(options, prefix, 'Argument 2');
      if (method !== 'GET' && !query.ignoreMethod) return false;
      return then(ask('DELETE', name, { __proto__: null, url: withoutFragment(url), ignore: ignored(query) }), ({ outcome }) => outcome === 'deleted');
    });
  }

  keys(request = undefined, options = undefined) {
    return promised(() => {
      const name = this.#name;
      const query = toQueryOptions(options, "Failed to execute 'keys' on 'Cache'", 'Argument 2');
      return keys(name, request === undefined ? undefined : toRequest(request), query);
    });
  }
}

export class CacheStorage {
  #default = undefined;

  constructor(token = undefined) {
    if (token !== privateToken) illegalConstructor();
  }

  get default() {
    return (this.#default ??= new Cache(privateToken, ''));
  }

  match(request, options = undefined) {
    return promised(() => {
      const prefix = "Failed to execute 'match' on 'CacheStorage'";
      this.#default;
      requiredArguments(arguments.length, 1, prefix);
      const sought = toRequest(request);
      const query = toMultiQueryOptions(options, prefix, 'Argument 2');
      return then(names(), (all) => {
        const { cacheName } = query;
        const searched = cacheName === undefined ? all : ArrayPrototypeIndexOf(all, cacheName) === -1 ? [] : [cacheName];
        let found;
        return oneByOne(searched, (name) => found === undefined ? then(match(nameForHost(name), sought, query), (response) => {
          found = response;
        }) : undefined, () => found);
      });
    });
  }

  has(cacheName) {
    return promised(() => {
      const name = this.#toName(cacheName, arguments.length, 'has');
      return then(names(), (all) => ArrayPrototypeIndexOf(all, name) !== -1);
    });
  }

  open(cacheName) {
    return promised(() => {
      const name = nameForHost(this.#toName(cacheName, arguments.length, 'open'));
      return then(ask('POST', name), ({ outcome }) => {
        if (outcome !== 'opened') throw new TypeError("Failed to execute 'open' on 'CacheStorage': There are too many caches.");
        return new Cache(privateToken, name);
      });
    });
  }

  delete(cacheName) {
    return promised(() => {
      const name = nameForHost(this.#toName(cacheName, arguments.length, 'delete'));
      return then(ask('DELETE', name), ({ outcome }) => outcome === 'deleted');
    });
  }

  keys() {
    return promised(() => {
      this.#default;
      return names();
    });
  }

  #toName(name, length, method) {
    const prefix = `Failed to execute '${method}' on 'CacheStorage'`;
    requiredArguments(length, 1, prefix);
    return converters.DOMString(name, prefix, 'Argument 1');
  }
}

configureInterface(Cache);
configureInterface(CacheStorage);

export const caches = new CacheStorage(privateToken);

/** The host's name for a cache: text of ASCII, and never empty as that of the default one is. */
const nameForHost = (name) => `n${ascii(JSONStringify(name))}`;

/** JSON in ASCII, which header fields can carry. */
function ascii(json) {
  let text = '';
  for (let i = 0; i < json.length; i++) {
    const code = StringPrototypeCharCodeAt(json, i);
    text += code < 0x7f ? json[i] : `\\u${StringPrototypePadStart(NumberPrototypeToString(code, 16), 4, '0')}`;
  }
  return text;
}

/**
 * Asks the host: `fields` holds the own fields of this question, `block` those of a request or response of somebody else's.
 * All own ones stand before the foreign ones, also where there is nothing to say. A promise of `{ outcome, parts, headers }`.
 */
function ask(method, name, { url = '', ignore = '', status = '', fresh = '', vary = '[]' } = nothing, block = '', body = null) {
  const own = `insula-cache-name\n${name}\ninsula-cache-url\n${url}\ninsula-cache-ignore\n${ignore}\n`
    + `insula-cache-status\n${status}\ninsula-cache-fresh\n${fresh}\ninsula-cache-vary\n${vary}\n`;
  const { promise, resolve, reject } = PromiseWithResolvers();
  const answered = (response) => {
    const parts = responseParts(response);
    const headers = headersFromBlock(parts.block, 'none');
    const outcome = headersGet(headers, 'insula-cache');
    headersRemove(headers, 'insula-cache');
    resolve({ __proto__: null, outcome, parts, headers });
  };
  ops.react(send(method, HOST, own + foreign(block), body, MANUAL, undefined), answered, reject);
  return promise;
}

const nothing = { __proto__: null };

/** The fields of a block without those that would speak to the host: clients and servers may send them. */
function foreign(block) {
  if (!StringPrototypeIncludes(block, 'insula-cache')) return block;
  const lines = StringPrototypeSplit(block, '\n');
  let kept = '';
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (!StringPrototypeStartsWith(lines[i], 'insula-cache')) kept += `${lines[i]}\n${lines[i + 1]}\n`;
  }
  return kept;
}

function askForJSON(name) {
  return then(ask('OPTIONS', name), ({ parts }) =>
    parts.body === null ? [] : then(parts.body.readText(), (text) => (text === '' ? [] : JSONParse(text))));
}

function names() {
  return then(askForJSON('*'), (all) => {
    const result = [];
    for (let i = 0; i < all.length; i++) ArrayPrototypePush(result, JSONParse(StringPrototypeSlice(all[i], 1)));
    return result;
  });
}

const exact = { __proto__: null, ignoreMethod: false, ignoreSearch: false, ignoreVary: false };

const ignored = ({ ignoreSearch, ignoreVary }) => (ignoreSearch ? (ignoreVary ? 'search,vary' : 'search') : ignoreVary ? 'vary' : '');

function withoutFragment(url) {
  const hash = StringPrototypeIndexOf(url, '#');
  return hash === -1 ? url : StringPrototypeSlice(url, 0, hash);
}

function match(name, request, query) {
  const { method, url, block } = requestParts(request);
  if (method !== 'GET' && !query.ignoreMethod) return PromiseResolve(undefined);
  const key = withoutFragment(url);
  return then(ask('GET', name, { __proto__: null, url: key, ignore: ignored(query) }, block), ({ outcome, parts, headers }) => {
    if (outcome !== 'hit') return undefined;
    const { body, status } = parts;
    if (status === 200 && isNotModified(headersFromBlock(block, 'none'), headers)) {
      if (body !== null) body.discard();
      headersRemove(headers, 'content-length');
      return createFetchResponse(key, false, 304, 'Not Modified', headersToBlock(headers), null);
    }
    return createFetchResponse(key, false, status, parts.statusText, headersToBlock(headers), body);
  });
}

/** RFC 9110 §13.2.2, for GET. */
function isNotModified(asked, stored) {
  const noneMatch = headersGet(asked, 'if-none-match');
  if (noneMatch !== null) {
    const etag = headersGet(stored, 'etag');
    if (etag === null) return false;
    if (StringPrototypeTrim(noneMatch) === '*') return true;
    const tags = StringPrototypeSplit(noneMatch, ',');
    for (let i = 0; i < tags.length; i++) if (strong(StringPrototypeTrim(tags[i])) === strong(etag)) return true;
    return false;
  }
  const since = headersGet(asked, 'if-modified-since');
  const modified = headersGet(stored, 'last-modified');
  return since !== null && modified !== null && time(modified) <= time(since);
}

/** Weak comparison leaves the mark of weakness out. */
const strong = (tag) => (StringPrototypeStartsWith(tag, 'W/') ? StringPrototypeSlice(tag, 2) : tag);

const time = (text) => DatePrototypeGetTime(new Date(text));

/** "Batch cache operations" with one put. */
function put(name, request, response, prefix) {
  const { method, url, block: requestBlock } = requestParts(request);
  if (method !== 'GET') throw new TypeError(`${prefix}: Only responses to GET requests can be kept.`);
  if (!StringPrototypeStartsWith(url, 'http:') && !StringPrototypeStartsWith(url, 'https:')) throw new TypeError(`${prefix}: The URL is not one of http or https.`);
  const { status, block, body } = responseParts(response);
  const headers = headersFromBlock(block, 'none');
  const vary = varyOf(headers, headersFromBlock(requestBlock, 'none'));
  if (status === 206) throw new TypeError(`${prefix}: A part of a response cannot be kept.`);
  if (vary === undefined) throw new TypeError(`${prefix}: A response that varies by everything cannot be kept.`);
  if (status < 200) throw new TypeError(`${prefix}: The response is no response of a server.`);
  if (body !== null && body.unusable) throw new TypeError(`${prefix}: The body of the response was already read or is being read.`);
  const fresh = freshness(headers);
  if (fresh === 0) {
    if (body !== null) body.discard();
    return PromiseResolve(undefined);
  }
  const fields = { __proto__: null, url: withoutFragment(url), status, fresh, vary: ascii(JSONStringify(vary)) };
  const sent = ask('PUT', name, fields, block, body === null ? null : body.transfer());
  return then(sent, () => undefined);
}

/** What a response varies by and what the request has there, as pairs; undefined for everything. */
function varyOf(headers, requestHeaders) {
  const value = headersGet(headers, 'vary');
  const pairs = [];
  if (value === null) return pairs;
  const listed = StringPrototypeSplit(value, ',');
  for (let i = 0; i < listed.length; i++) {
    const name = StringPrototypeToLowerCase(StringPrototypeTrim(listed[i]));
    if (name === '*') return undefined;
    if (name !== '') ArrayPrototypePush(pairs, [name, headersGet(requestHeaders, name)]);
  }
  return pairs;
}

const directive = /^\s*([a-z-]+)(?:\s*=\s*"?([^"\s]*)"?)?\s*$/;

/** Seconds for which a shared cache may keep a response; 0 if it must not, undefined if nothing is said. */
function freshness(headers) {
  if (headersGet(headers, 'set-cookie') !== null) return 0;
  const control = headersGet(headers, 'cache-control');
  let age;
  let shared;
  const directives = control === null ? [] : StringPrototypeSplit(StringPrototypeToLowerCase(control), ',');
  for (let i = 0; i < directives.length; i++) {
    const match = RegExpPrototypeExec(directive, directives[i]);
    if (match === null) continue;
    if (match[1] === 'no-store' || match[1] === 'no-cache' || match[1] === 'private') return 0;
    if (match[1] === 'max-age') age = seconds(match[2]);
    else if (match[1] === 's-maxage') shared = seconds(match[2]);
  }
  if (shared !== undefined || age !== undefined) return shared ?? age;
  const expires = headersGet(headers, 'expires');
  if (expires === null) return undefined;
  const left = MathFloor((time(expires) - DateNow()) / 1000);
  return left > 0 ? left : 0;
}

/** What cannot be read counts as stale. */
function seconds(text) {
  const value = NumberParseInt(text, 10);
  return value > 0 ? value : 0;
}

function keys(name, sought, query) {
  if (sought !== undefined && requestParts(sought).method !== 'GET' && !query.ignoreMethod) return PromiseResolve([]);
  return then(askForJSON(name), (entries) => {
    const requests = [];
    for (let i = 0; i < entries.length; i++) {
      const url = entries[i][0];
      if (sought !== undefined && !sameURL(url, withoutFragment(requestParts(sought).url), query.ignoreSearch)) continue;
      if (sought !== undefined && !query.ignoreVary && !varies(entries[i][1], headersFromBlock(requestParts(sought).block, 'none'))) continue;
      ArrayPrototypePush(requests, new Request(url, { __proto__: null, headers: headersOf(entries[i][1]) }));
    }
    return requests;
  });
}

function sameURL(a, b, ignoreSearch) {
  return ignoreSearch ? withoutSearch(a) === withoutSearch(b) : a === b;
}

function withoutSearch(url) {
  const mark = StringPrototypeIndexOf(url, '?');
  return mark === -1 ? url : StringPrototypeSlice(url, 0, mark);
}

function varies(vary, headers) {
  for (let i = 0; i < vary.length; i++) if (headersGet(headers, vary[i][0]) !== vary[i][1]) return false;
  return true;
}

function headersOf(vary) {
  let block = '';
  for (let i = 0; i < vary.length; i++) if (vary[i][1] !== null) block += `${vary[i][0]}\n${vary[i][1]}\n`;
  return headersFromBlock(block, 'none');
}

/** "Batch cache operations", step 4.2.3: of what is added together, nothing takes the place of another. */
function refuseDuplicates(requests, responses, prefix) {
  for (let i = 1; i < requests.length; i++) {
    const { url, block } = requestParts(requests[i]);
    for (let j = 0; j < i; j++) {
      const other = requestParts(requests[j]);
      if (withoutFragment(url) !== withoutFragment(other.url)) continue;
      const vary = varyOf(headersFromBlock(responseParts(responses[j]).block, 'none'), headersFromBlock(other.block, 'none'));
      if (varies(vary, headersFromBlock(block, 'none'))) throw new DOMException(`${prefix}: '${url}' is added twice.`, 'InvalidStateError');
    }
  }
}

/** "addAll": nothing is kept unless all of it can be. */
function addAll(name, requests) {
  const prefix = 'Failed to add to a cache';
  const responses = [];
  for (let i = 0; i < requests.length; i++) {
    const { method, url } = requestParts(requests[i]);
    if (method !== 'GET' || !StringPrototypeStartsWith(url, 'http')) throw new TypeError(`${prefix}: Only GET requests to http or https can be added.`);
  }
  const fetched = oneByOne(requests, (request) => then(fetch(request), (response) => {
    const { status, block } = responseParts(response);
    if (status < 200 || status > 299 || status === 206) throw new TypeError(`${prefix}: '${requestParts(request).url}' answered with status ${status}.`);
    if (varyOf(headersFromBlock(block, 'none'), createHeaders('none')) === undefined) throw new TypeError(`${prefix}: A response that varies by everything cannot be kept.`);
    ArrayPrototypePush(responses, response);
  }), () => refuseDuplicates(requests, responses, prefix));
  let next = 0;
  return then(fetched, () => oneByOne(requests, (request) => put(name, request, responses[next++], prefix), () => undefined));
}

/** A promise of `result()`, after `work` for each item, one after another. */
function oneByOne(items, work, result) {
  const { promise, resolve, reject } = PromiseWithResolvers();
  let index = 0;
  const goOn = () => {
    try {
      if (index === items.length) resolve(result());
      else ops.react(PromiseResolve(work(items[index++])), goOn, reject);
    } catch (error) {
      reject(error);
    }
  };
  goOn();
  return promise;
}
