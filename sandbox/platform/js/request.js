// @ts-check
/** Request of the Fetch Standard (https://fetch.spec.whatwg.org/#request-class). */

import { defineBodyMixin, extractBody, extractedType, toBodyInit } from './body.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError } from './primordials.js';
import { configureInterface, privateToken, requiredArguments } from './webidl_core.js';

/** Whether `value` is a Request. */
export let isRequest;
/** A Request from a client. `body` is a Body or null. */
export let createIncomingRequest;
/** Aborts the signal of a Request from a client, if anybody has asked for it. */
export let abortRequest;
/** What `fetch` needs: `{ method, url, block, body, redirect, signal }`. */
export let requestParts;

const abort = () => lazy('./abort.js');
/** Most requests are not asked for their fields. */
const headersModule = () => (headersLoaded ??= lazy('./headers.js'));
let headersLoaded;
const webidl = () => (webidlLoaded ??= lazy('./webidl.js'));
let webidlLoaded;

const referrerPolicies = [
  '', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin',
  'strict-origin-when-cross-origin', 'unsafe-url',
];

const notToken = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

export class Request {
  #method = 'GET';
  #url = '';
  /** @type {any} */
  #headers = undefined;
  /** The fields of a request from a client, until somebody looks. */
  #block = '';
  /** @type {import('./body.js').Body | null} */
  #body = null;
  /** Made when somebody looks. */
  #signal = undefined;
  /** The Request whose signal this one's follows, while nobody has looked at either. */
  #origin = undefined;
  /** Whether the client is gone already. */
  #gone = false;
  /** What only few ask for; undefined for the defaults. */
  #options = undefined;

  constructor(input, init = undefined) {
    if (input === privateToken) return;
    const prefix = "Failed to construct 'Request'";
    requiredArguments(arguments.length, 1, prefix);
    const from = isRequest(input) ? input : undefined;
    if (from === undefined) input = webidl().converters.USVString(input, prefix, 'Argument 1');
    const given = init === undefined || init === null ? undefined : toRequestInit(init, prefix);
    let signal;
    if (from === undefined) {
      this.#url = toFetchURL(input, prefix);
    } else {
      this.#url = from.#url;
      this.#method = from.#method;
      this.#options = from.#options;
      signal = from.#signal ?? (from.#gone ? from.#abortSignal() : undefined);
    }
    this.#headers = headersModule().createHeaders('request');
    if (given !== undefined) {
      this.#takeOptions(given, prefix);
      if (given.method !== undefined) this.#method = toMethod(given.method, prefix);
      if (given.signal !== undefined) signal = given.signal;
    }
    if (given?.headers !== undefined) headersModule().fillHeaders(this.#headers, given.headers, prefix);
    else if (from !== undefined) this.#headers = headersModule().headersFromBlock(from.#fields(), 'request');
    if (signal === undefined) this.#origin = from;
    else if (signal !== null) this.#signal = abort().createDependentAbortSignal([signal]);
    this.#initializeBody(given, from, prefix);
  }

  get method() {
    return this.#method;
  }
  get url() {
    return this.#url;
  }
  get headers() {
    return this.#headerList();
  }
  get destination() {
    this.#url;
    return '';
  }
  get referrer() {
    return this.#option('referrer', 'about:client');
  }
  get referrerPolicy() {
    return this.#option('referrerPolicy', '');
  }
  get mode() {
    return this.#option('mode', 'cors');
  }
  get credentials() {
    return this.#option('credentials', 'same-origin');
  }
  get cache() {
    return this.#option('cache', 'default');
  }
  get redirect() {
    return this.#option('redirect', 'follow');
  }
  get integrity() {
    return this.#option('integrity', '');
  }
  get keepalive() {
    return this.#option('keepalive', false);
  }
  get isHistoryNavigation() {
    this.#url;
    return false;
  }
  get isReloadNavigation() {
    this.#url;
    return false;
  }
  get duplex() {
    this.#url;
    return 'half';
  }
  get signal() {
    return this.#abortSignal();
  }

  clone() {
    if (this.#body !== null && this.#body.unusable) {
      throw new TypeError("Failed to execute 'clone' on 'Request': The body was already read or is being read.");
    }
    const clone = new Request(privateToken);
    clone.#method = this.#method;
    clone.#url = this.#url;
    clone.#headers = headersModule().headersFromBlock(this.#fields(), 'request');
    clone.#options = this.#options;
    clone.#body = this.#body === null ? null : this.#body.clone();
    clone.#signal = abort().createDependentAbortSignal([this.#abortSignal()]);
    return clone;
  }

  #headerList() {
    return (this.#headers ??= headersModule().headersFromBlock(this.#block, 'request'));
  }

  #abortSignal() {
    if (this.#signal === undefined) {
      this.#signal = this.#origin === undefined ? abort().createAbortSignal() : abort().createDependentAbortSignal([this.#origin.#abortSignal()]);
      if (this.#gone) abort().signalAbort(this.#signal, undefined);
    }
    return this.#signal;
  }

  #fields() {
    return this.#headers === undefined ? this.#block : headersModule().headersToBlock(this.#headers);
  }

  #option(name, byDefault) {
    const value = this.#options === undefined ? undefined : this.#options[name];
    return value === undefined ? byDefault : value;
  }

  /** The members of RequestInit that are kept as they are. Any member at all makes the referrer of a Request that is copied the client's. */
  #takeOptions(given, prefix) {
    if (given.mode === 'navigate') throw new TypeError(`${prefix}: mode cannot be 'navigate'.`);
    if (given.window !== undefined && given.window !== null) throw new TypeError(`${prefix}: window can only be null.`);
    const options = { __proto__: null, ...this.#options };
    if (given.present) options.referrer = options.referrerPolicy = undefined;
    for (let i = 0; i < keptOptions.length; i++) if (given[keptOptions[i]] !== undefined) options[keptOptions[i]] = given[keptOptions[i]];
    if (given.referrer !== undefined) options.referrer = toReferrer(given.referrer, prefix);
    if (options.cache === 'only-if-cached' && options.mode !== 'same-origin') throw new TypeError(`${prefix}: cache 'only-if-cached' requires mode 'same-origin'.`);
    this.#options = options;
  }

  #initializeBody(given, from, prefix) {
    const body = given?.body;
    const inherited = from === undefined ? null : from.#body;
    const hasBody = body !== undefined && body !== null;
    if ((hasBody || inherited !== null) && (this.#method === 'GET' || this.#method === 'HEAD')) {
      throw new TypeError(`${prefix}: A ${this.#method} request cannot have a body.`);
    }
    if (hasBody) {
      this.#body = extractBody(body, prefix, this.#option('keepalive', false));
      if (extractedType !== null) headersModule().headersSetIfAbsent(this.#headers, 'content-type', extractedType);
      if (this.#body.isStream && given.duplex === undefined) {
        throw new TypeError(`${prefix}: A stream as body requires duplex: 'half'.`);
      }
    } else if (inherited !== null && body === undefined) {
      if (inherited.unusable) throw new TypeError(`${prefix}: The body of the request was already read or is being read.`);
      this.#body = inherited.transfer();
    }
  }

  static {
    isRequest = (value) => typeof value === 'object' && value !== null && #body in value;

    createIncomingRequest = (method, url, block, body) => {
      const request = new Request(privateToken);
      request.#method = method;
      request.#url = url;
      request.#block = block;
      request.#body = body;
      return request;
    };

    abortRequest = (request, reason) => {
      request.#gone = true;
      if (request.#signal !== undefined) abort().signalAbort(request.#signal, reason);
    };

    requestParts = (request) => ({
      method: request.#method,
      url: request.#url,
      block: request.#fields(),
      body: request.#body,
      redirect: request.#option('redirect', 'follow'),
      signal: request.#signal,
    });

    defineBodyMixin(
      Request,
      (request) => request.#body,
      (request) => headersModule().headersGet(request.#headerList(), 'content-type'),
    );
  }
}

configureInterface(Request, { length: 1, inspectable: ['method', 'url', 'headers', 'redirect', 'bodyUsed'] });

/** The members of RequestInit in the order in which Web IDL reads them, each with its conversion. Made when first needed. */
let members;
const requestInitMembers = ({ converters, createEnumConverter }) => [
  { __proto__: null, key: 'body', convert: (value, prefix) => (value === null ? null : toBodyInit(value, prefix)) },
  { __proto__: null, key: 'cache', convert: createEnumConverter('RequestCache', ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached']) },
  { __proto__: null, key: 'credentials', convert: createEnumConverter('RequestCredentials', ['omit', 'same-origin', 'include']) },
  { __proto__: null, key: 'duplex', convert: createEnumConverter('RequestDuplex', ['half']) },
  { __proto__: null, key: 'headers', convert: (value, prefix) => headersModule().toHeadersInit(value, prefix) },
  { __proto__: null, key: 'integrity', convert: converters.DOMString },
  { __proto__: null, key: 'keepalive', convert: converters.boolean },
  { __proto__: null, key: 'method', convert: converters.ByteString },
  { __proto__: null, key: 'mode', convert: createEnumConverter('RequestMode', ['navigate', 'same-origin', 'no-cors', 'cors']) },
  { __proto__: null, key: 'priority', convert: createEnumConverter('RequestPriority', ['high', 'low', 'auto']) },
  { __proto__: null, key: 'redirect', convert: createEnumConverter('RequestRedirect', ['follow', 'error', 'manual']) },
  { __proto__: null, key: 'referrer', convert: converters.USVString },
  { __proto__: null, key: 'referrerPolicy', convert: createEnumConverter('ReferrerPolicy', referrerPolicies) },
  { __proto__: null, key: 'signal', convert: toSignal },
  { __proto__: null, key: 'window', convert: converters.any },
];

const keptOptions = ['cache', 'credentials', 'integrity', 'keepalive', 'mode', 'redirect', 'referrerPolicy'];

/** The dictionary RequestInit; `present`: whether it has any member. */
function toRequestInit(init, prefix) {
  if (typeof init !== 'object' && typeof init !== 'function') throw new TypeError(`${prefix}: The init is not an object.`);
  members ??= requestInitMembers(webidl());
  const given = { __proto__: null, present: false };
  for (let i = 0; i < members.length; i++) {
    const { key, convert } = members[i];
    const value = init[key];
    if (value === undefined) continue;
    given[key] = convert(value, prefix, key);
    given.present = true;
  }
  return given;
}

/** The serialized URL of a Request's first argument; a server has no base URL. */
function toFetchURL(string, prefix) {
  const offsets = new (lazy('./primordials/buffers.js').Uint32Array)(8);
  const href = ops.urlParse(string, undefined, offsets);
  if (href === undefined) throw new TypeError(`${prefix}: Invalid URL '${string}'.`);
  // Userinfo ends after where it begins, which is after "scheme://".
  if (offsets[2] > offsets[0] + 2) throw new TypeError(`${prefix}: The URL '${string}' includes credentials.`);
  return href;
}

/** No origin is ours, so a URL that is given stands for the client. */
function toReferrer(referrer, prefix) {
  if (referrer === '') return '';
  if (ops.urlParse(referrer, undefined, new (lazy('./primordials/buffers.js').Uint32Array)(8)) === undefined) throw new TypeError(`${prefix}: The referrer '${referrer}' is not a valid URL.`);
  return 'about:client';
}

function toMethod(method, prefix) {
  method = webidl().converters.ByteString(method, prefix, 'method');
  if (method === '' || RegExpPrototypeExec(notToken, method) !== null) throw new TypeError(`${prefix}: '${method}' is not a valid method.`);
  const upper = StringPrototypeToUpperCase(method);
  if (upper === 'CONNECT' || upper === 'TRACE' || upper === 'TRACK') throw new TypeError(`${prefix}: The method '${method}' is not allowed.`);
  const normalized = upper === 'DELETE' || upper === 'GET' || upper === 'HEAD' || upper === 'OPTIONS' || upper === 'POST' || upper === 'PUT';
  return normalized ? upper : method;
}

function toSignal(signal, prefix) {
  if (signal === null || abort().isAbortSignal(signal)) return signal;
  throw new TypeError(`${prefix}: signal is not an AbortSignal.`);
}
