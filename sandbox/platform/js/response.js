// @ts-check
/** Response of the Fetch Standard (https://fetch.spec.whatwg.org/#response-class). */

import { Body, defineBodyMixin, extractBody, extractedType, toBodyInit } from './body.js';
import { lazy } from './lazy.js';
import { RegExpPrototypeExec, TypeError } from './primordials.js';
import { configureInterface, privateToken, requiredArguments } from './webidl_core.js';
import { ops } from './ops.js';

/** Whether `value` is a Response. */
export let isResponse;
/** What is sent of a Response: `{ status, url, statusText, block, body, socket }`, `body` a Body or null, `socket` a WebSocket or null. */
export let responseParts;
/** Gives a Response to `fetch` its WebSocket. */
export let setResponseSocket;
/** What a rewriter needs: `{ body, contentType }`. */
export let rewritableParts;
/** A Response like another one, with this stream or null as body, whose length nobody knows. */
export let rewrittenResponse;
/** A Response to `fetch`: parts come from the host and are valid. */
export let createFetchResponse;

/** Most responses get their fields as none but a type, and are not asked for them. */
const headersModule = () => (headersLoaded ??= lazy('./headers.js'));
let headersLoaded;
const converters = () => (webidlLoaded ??= lazy('./webidl.js')).converters;
let webidlLoaded;

const rangeError = (message) => new (lazy('./primordials/range_error.js').RangeError)(message);

const notReasonPhrase = /[^\t\x20-\x7e\x80-\xff]/;

export class Response {
  #type = 'default';
  #status = 200;
  #statusText = '';
  #url = '';
  #redirected = false;
  /** Made when somebody looks: undefined means no field but perhaps `#contentType`. */
  #headers = undefined;
  #contentType = null;
  /** @type {Body | null} */
  #body = null;
  /** What Workers add: the WebSocket that a response with status 101 opens. */
  #socket = null;

  constructor(body = null, init = undefined) {
    if (body === privateToken) return;
    const prefix = "Failed to construct 'Response'";
    const given = body !== null && body !== undefined;
    if (given && typeof body !== 'string') body = toBodyInit(body, prefix);
    if (init !== undefined && init !== null) this.#initialize(toResponseInit(init, prefix), prefix);
    if (given) {
      if (isNullBodyStatus(this.#status)) throw new TypeError(`${prefix}: A response with status ${this.#status} cannot have a body.`);
      this.#body = extractBody(body, prefix);
      this.#setType(extractedType);
    }
  }

  static error() {
    const response = new Response(privateToken);
    response.#type = 'error';
    response.#status = 0;
    response.#headers = headersModule().createHeaders('immutable');
    return response;
  }

  static redirect(url, status = 302) {
    const prefix = "Failed to execute 'redirect' on 'Response'";
    requiredArguments(arguments.length, 1, prefix);
    url = converters().USVString(url, prefix, 'Argument 1');
    status = toStatus(status, prefix, 'Argument 2');
    const href = ops.urlParse(url, undefined, new (lazy('./primordials/buffers.js').Uint32Array)(8));
    if (href === undefined) throw new TypeError(`${prefix}: Invalid URL '${url}'.`);
    if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) {
      throw rangeError(`${prefix}: ${status} is not a redirect status.`);
    }
    const response = new Response(privateToken);
    response.#status = status;
    response.#headers = headersModule().headersFromBlock(`location\n${href}\n`, 'immutable');
    return response;
  }

  static json(data, init = undefined) {
    const prefix = "Failed to execute 'json' on 'Response'";
    requiredArguments(arguments.length, 1, prefix);
    const converted = init === undefined || init === null ? undefined : toResponseInit(init, prefix);
    const text = lazy('./primordials/json.js').JSONStringify(data);
    if (text === undefined) throw new TypeError(`${prefix}: The data is not JSON serializable.`);
    const response = new Response(privateToken);
    if (converted !== undefined) response.#initialize(converted, prefix);
    if (isNullBodyStatus(response.#status)) throw new TypeError(`${prefix}: A response with status ${response.#status} cannot have a body.`);
    response.#body = Body.ofText(text);
    response.#setType('application/json');
    return response;
  }

  get type() {
    return this.#type;
  }
  get url() {
    return this.#url;
  }
  get redirected() {
    return this.#redirected;
  }
  get status() {
    return this.#status;
  }
  get ok() {
    return this.#status >= 200 && this.#status <= 299;
  }
  get statusText() {
    return this.#statusText;
  }
  get webSocket() {
    return this.#socket;
  }
  get headers() {
    if (this.#headers === undefined) {
      this.#headers = headersModule().createHeaders('response');
      if (this.#contentType !== null) headersModule().headersSetIfAbsent(this.#headers, 'content-type', this.#contentType);
    }
    return this.#headers;
  }

  clone() {
    if (this.#socket !== null) throw new TypeError("Failed to execute 'clone' on 'Response': A response with a WebSocket cannot be cloned.");
    if (this.#body !== null && this.#body.unusable) {
      throw new TypeError("Failed to execute 'clone' on 'Response': The body was already read or is being read.");
    }
    const clone = new Response(privateToken);
    clone.#type = this.#type;
    clone.#status = this.#status;
    clone.#statusText = this.#statusText;
    clone.#url = this.#url;
    clone.#redirected = this.#redirected;
    clone.#contentType = this.#contentType;
    if (this.#headers !== undefined) clone.#headers = headersModule().headersFromBlock(headersModule().headersToBlock(this.#headers), headersModule().headersGuard(this.#headers));
    clone.#body = this.#body === null ? null : this.#body.clone();
    return clone;
  }

  /** "Initialize a response", up to the body. */
  #initialize({ headers, status, statusText, webSocket }, prefix) {
    this.#socket = webSocket;
    if (status !== undefined) {
      this.#status = status;
      if (this.#socket !== null && this.#status !== 101) throw rangeError(`${prefix}: A response with a WebSocket has status 101.`);
      if (this.#socket === null && (this.#status < 200 || this.#status > 599)) {
        throw rangeError(`${prefix}: The status ${this.#status} is outside the range 200 to 599.`);
      }
    }
    if (status === undefined && this.#socket !== null) this.#status = 101;
    if (statusText !== undefined) {
      this.#statusText = statusText;
      if (RegExpPrototypeExec(notReasonPhrase, statusText) !== null) throw new TypeError(`${prefix}: The status text is invalid.`);
    }
    if (headers !== undefined) {
      this.#headers = headersModule().createHeaders('response');
      headersModule().fillHeaders(this.#headers, headers, prefix);
    }
  }

  #setType(type) {
    if (type === null) return;
    if (this.#headers === undefined) this.#contentType = type;
    else headersModule().headersSetIfAbsent(this.#headers, 'content-type', type);
  }

  static {
    isResponse = (value) => typeof value === 'object' && value !== null && #body in value;

    responseParts = (response) => {
      let block = '';
      if (response.#headers !== undefined) block = headersModule().headersToBlock(response.#headers);
      else if (response.#contentType !== null) block = `content-type\n${response.#contentType}\n`;
      return { status: response.#status, url: response.#url, statusText: response.#statusText, block, body: response.#body, socket: response.#socket };
    };

    setResponseSocket = (response, socket) => {
      response.#socket = socket;
    };

    rewritableParts = (response) => {
      const { body, block } = responseParts(response);
      return { body, contentType: headersModule().headersGet(headersModule().headersFromBlock(block, 'none'), 'content-type') };
    };

    rewrittenResponse = (response, readable) => {
      const copy = new Response(privateToken);
      copy.#type = response.#type;
      copy.#status = response.#status;
      copy.#statusText = response.#statusText;
      copy.#url = response.#url;
      copy.#redirected = response.#redirected;
      copy.#headers = headersModule().headersFromBlock(responseParts(response).block, 'response');
      headersModule().headersRemove(copy.#headers, 'content-length');
      copy.#body = readable === null ? null : Body.ofStream(readable);
      return copy;
    };

    createFetchResponse = (url, redirected, status, statusText, block, body) => {
      const response = new Response(privateToken);
      response.#type = 'basic';
      response.#url = url;
      response.#redirected = redirected;
      response.#status = status;
      response.#statusText = statusText;
      response.#headers = headersModule().headersFromBlock(block, 'immutable');
      response.#body = body;
      return response;
    };

    defineBodyMixin(
      Response,
      (response) => response.#body,
      (response) => (response.#headers === undefined ? response.#contentType : headersModule().headersGet(response.#headers, 'content-type')),
    );
  }
}

configureInterface(Response, { length: 0, inspectable: ['status', 'statusText', 'headers', 'ok', 'url', 'bodyUsed'] });

/** The dictionary ResponseInit, and what Workers add to it. */
function toResponseInit(init, prefix) {
  if (typeof init !== 'object' && typeof init !== 'function') throw new TypeError(`${prefix}: The init is not an object.`);
  let { headers } = init;
  if (headers !== undefined) headers = headersModule().toHeadersInit(headers, prefix);
  let { status } = init;
  if (status !== undefined) status = toStatus(status, prefix, 'status');
  let { statusText } = init;
  if (statusText !== undefined) statusText = converters().ByteString(statusText, prefix, 'statusText');
  const { webSocket = null } = init;
  if (webSocket !== null && !lazy('./websocket/websocket.js').isWebSocket(webSocket)) throw new TypeError(`${prefix}: webSocket is not a WebSocket.`);
  return { __proto__: null, headers, status, statusText, webSocket };
}

/** The conversion to `unsigned short`, which leaves most as they are. */
function toStatus(value, prefix, context) {
  return typeof value === 'number' && (value & 0xffff) === value ? value : converters()['unsigned short'](value, prefix, context);
}

function isNullBodyStatus(status) {
  return status === 101 || status === 204 || status === 205 || status === 304;
}
