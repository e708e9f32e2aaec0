// @ts-check
/** Request of the Fetch Standard (https://fetch.spec.whatwg.org/#request-class). */

import { defineBodyMixin, extractBody, extractedType } from './body.js';
import { createHeaders, fillHeaders, headersFromBlock, headersGet, headersSetIfAbsent, headersToBlock } from './headers.js';
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError, Uint32Array } from './primordials.js';
import { configureInterface, converters, createEnumConverter, privateToken, requiredArguments } from './webidl.js';

/** Whether `value` is a Request. */
export let isRequest;
/** A Request from a client. `body` is a Body or null. */
export let createIncomingRequest;
/** Aborts the signal of a Request from a client, if anybody has asked for it. */
export let abortRequest;
/** What `fetch` needs: `{ method, url, block, body, redirect, signal }`. */
export let requestParts;

const abort = () => lazy('./abort.js');

const toRedirect = createEnumConverter('RequestRedirect', ['follow', 'error', 'manual']);
const toCache = createEnumConverter('RequestCache', ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached']);
const toCredentials = createEnumConverter('RequestCredentials', ['omit', 'same-origin', 'include']);
const toMode = createEnumConverter('RequestMode', ['navigate', 'same-origin', 'no-cors', 'cors']);
const toPriority = createEnumConverter('RequestPriority', ['high', 'low', 'auto']);
const toReferrerPolicy = createEnumConverter('ReferrerPolicy', [
  '', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin',
  'strict-origin-when-cross-origin', 'unsafe-url',
]);

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
    if (init === null) init = undefined;
    if (init !== undefined && typeof init !== 'object' && typeof init !== 'function') throw new TypeError(`${prefix}: The init is not an object.`);
    let signal;
    if (from === undefined) {
      this.#url = toFetchURL(input, prefix);
    } else {
      this.#url = from.#url;
      this.#method = from.#method;
      this.#options = from.#options;
      signal = from.#signal ?? (from.#gone ? from.#abortSignal() : undefined);
    }
    this.#headers = createHeaders('request');
    let initBody;
    if (init !== undefined) {
      this.#readOptions(init, prefix);
      const { body, headers, method, signal: initSignal } = init;
      initBody = body;
      if (method !== undefined) this.#method = toMethod(method, prefix);
      if (initSignal !== undefined) signal = toSignal(initSignal, prefix);
      if (headers !== undefined) fillHeaders(this.#headers, headers, prefix);
      else if (from !== undefined) this.#headers = headersFromBlock(from.#fields(), 'request');
    } else if (from !== undefined) {
      this.#headers = headersFromBlock(from.#fields(), 'request');
    }
    if (signal === undefined) this.#origin = from;
    else if (signal !== null) this.#signal = abort().createDependentAbortSignal([signal]);
    this.#initializeBody(initBody, from, init, prefix);
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
    clone.#headers = headersFromBlock(this.#fields(), 'request');
    clone.#options = this.#options;
    clone.#body = this.#body === null ? null : this.#body.clone();
    clone.#signal = abort().createDependentAbortSignal([this.#abortSignal()]);
    return clone;
  }

  #headerList() {
    return (this.#headers ??= headersFromBlock(this.#block, 'request'));
  }

  #abortSignal() {
    if (this.#signal === undefined) {
      this.#signal = this.#origin === undefined ? abort().createAbortSignal() : abort().createDependentAbortSignal([this.#origin.#abortSignal()]);
      if (this.#gone) abort().signalAbort(this.#signal, undefined);
    }
    return this.#signal;
  }

  #fields() {
    return this.#headers === undefined ? this.#block : headersToBlock(this.#headers);
  }

  #option(name, byDefault) {
    const value = this.#options === undefined ? undefined : this.#options[name];
    return value === undefined ? byDefault : value;
  }

  #readOptions(init, prefix) {
    const { cache, credentials, duplex, integrity, keepalive, mode, priority, redirect, referrer, referrerPolicy, window } = init;
    const options = { __proto__: null, ...this.#options };
    if (cache !== undefined) options.cache = toCache(cache, prefix, 'cache');
    if (credentials !== undefined) options.credentials = toCredentials(credentials, prefix, 'credentials');
    if (duplex !== undefined && duplex !== 'half') throw new TypeError(`${prefix}: duplex must be 'half'.`);
    if (integrity !== undefined) options.integrity = converters.DOMString(integrity, prefix, 'integrity');
    if (keepalive !== undefined) options.keepalive = !!keepalive;
    if (mode !== undefined) {
      options.mode = toMode(mode, prefix, 'mode');
      if (options.mode === 'navigate') throw new TypeError(`${prefix}: mode cannot be 'navigate'.`);
    }
    if (priority !== undefined) toPriority(priority, prefix, 'priority');
    if (redirect !== undefined) options.redirect = toRedirect(redirect, prefix, 'redirect');
    if (referrer !== undefined) options.referrer = toReferrer(converters.USVString(referrer, prefix, 'referrer'), prefix);
    if (referrerPolicy !== undefined) options.referrerPolicy = toReferrerPolicy(referrerPolicy, prefix, 'referrerPolicy');
    if (options.cache === 'only-if-cached' && options.mode !== 'same-origin') throw new TypeError(`${prefix}: cache 'only-if-cached' requires mode 'same-origin'.`);
    if (window !== undefined && window !== null) throw new TypeError(`${prefix}: window can only be null.`);
    this.#options = options;
  }

  #initializeBody(initBody, from, init, prefix) {
    const given = initBody !== undefined && initBody !== null;
    const inherited = from === undefined ? null : from.#body;
    if ((given || inherited !== null) && (this.#method === 'GET' || this.#method === 'HEAD')) {
      throw new TypeError(`${prefix}: A ${this.#method} request cannot have a body.`);
    }
    if (given) {
      this.#body = extractBody(initBody, prefix, this.#option('keepalive', false));
      if (extractedType !== null) headersSetIfAbsent(this.#headers, 'content-type', extractedType);
      if (this.#body.isStream && init.duplex === undefined) {
        throw new TypeError(`${prefix}: A stream as body requires duplex: 'half'.`);
      }
    } else if (inherited !== null && initBody === undefined) {
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
      (request) => headersGet(request.#headerList(), 'content-type'),
    );
  }
}

configureInterface(Request, { length: 1, inspectable: ['method', 'url', 'headers', 'redirect', 'bodyUsed'] });

/** The serialized URL of a Request's first argument; a server has no base URL. */
function toFetchURL(input, prefix) {
  const string = converters.USVString(input, prefix, 'Argument 1');
  const offsets = new Uint32Array(8);
  const href = ops.urlParse(string, undefined, offsets);
  if (href === undefined) throw new TypeError(`${prefix}: Invalid URL '${string}'.`);
  // Userinfo ends after where it begins, which is after "scheme://".
  if (offsets[2] > offsets[0] + 2) throw new TypeError(`${prefix}: The URL '${string}' includes credentials.`);
  return href;
}

/** No origin is ours, so a URL that is given stands for the client. */
function toReferrer(referrer, prefix) {
  if (referrer === '') return '';
  if (ops.urlParse(referrer, undefined, new Uint32Array(8)) === undefined) throw new TypeError(`${prefix}: The referrer '${referrer}' is not a valid URL.`);
  return 'about:client';
}

function toMethod(method, prefix) {
  method = converters.ByteString(method, prefix, 'method');
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
