// @ts-check
/**
 * The WebSocket interface of the WebSockets Standard (https://websockets.spec.whatwg.org/#the-websocket-interface).
 *
 * WebSockets of a pair and those of a `fetch` are of the same class. They differ in what servers need: nothing
 * arrives before `accept()`, any code may close them that may be sent, and binary messages are ArrayBuffers unless
 * `binaryType` says otherwise.
 */

import { EventTarget, defineEventHandler, dispatch, fireEvent, hasEventListener, isEventTarget, setIsTrusted } from '../event.js';
import { headersFromBlock, headersGet } from '../headers.js';
import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
  StringPrototypeToLowerCase, SymbolIterator, TypeError,
} from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, Uint32Array } from '../primordials/buffers.js';
import { responseParts } from '../response.js';
import {
  configureInterface, converters, createDOMException, createSequenceConverter, defineConstants, privateToken, requiredArguments,
} from '../webidl.js';
import { bufferSourceBytes, isArrayBuffer } from '../webidl_buffers.js';
import { ABNORMAL, CLEAN, FAILED, INTERNAL_ERROR, LinkWire, NO_CODE } from './link.js';
import { LocalWire } from './local.js';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** Bytes that may wait for the other side before the WebSocket is "full". */
const FULL = 32 << 20;

// Offsets in a URL, as the parser tells them.
const PROTOCOL_END = 0;
const HOST_START = 2;
const PATHNAME_START = 5;

const notToken = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const toProtocols = createSequenceConverter(converters.DOMString);

/** Whether `value` is a WebSocket. @type {(value: any) => boolean} */
export let isWebSocket;
/** Two WebSockets that are joined. `opening`: the second opens, with an event, when the first one goes out as a response. */
export let createPair;
/** The WebSocket over a wire that `fetch` has opened. */
export let createFetchedWebSocket;
/** Sends a WebSocket out as the answer to the request on `stream`: `answered()` when it is, `over()` when that is over. */
export let answerWithWebSocket;

export class WebSocket extends EventTarget {
  #url = '';
  #protocol = '';
  #readyState = CONNECTING;
  #binaryType = 'blob';
  #origin = '';
  #wire = undefined;
  /** Whether messages may come and go. */
  #accepted = true;
  /** Whether it is of the kind that is accepted. */
  #serves = false;
  /** What was sent in this turn counts as buffered until the turn is over, whatever has become of it. */
  #turn = 0;
  #sentInTurn = 0;
  /** Bytes that were sent after its end. */
  #lost = 0;
  /** The number of its subrequest while it connects. */
  #connecting = 0;

  constructor(url, protocols = []) {
    super();
    if (url === privateToken) return;
    const prefix = "Failed to construct 'WebSocket'";
    requiredArguments(arguments.length, 1, prefix);
    url = converters.USVString(url, prefix, 'Argument 1');
    const list = (typeof protocols === 'object' && protocols !== null) || typeof protocols === 'function'
      ? toProtocols(protocols, prefix, 'Argument 2', { __proto__: null, iterator: protocols[SymbolIterator] })
      : [converters.DOMString(protocols, prefix, 'Argument 2')];
    this.#url = toWebSocketURL(url, prefix);
    checkProtocols(list, prefix);
    this.#establish(list);
  }

  get url() {
    return this.#url;
  }

  get readyState() {
    return this.#readyState;
  }

  get bufferedAmount() {
    const waiting = this.#wire === undefined ? 0 : this.#wire.buffered;
    const inTurn = this.#turn === ops.turn() ? this.#sentInTurn : 0;
    return this.#lost + (inTurn > waiting ? inTurn : waiting);
  }

  get extensions() {
    this.#url;
    return '';
  }

  get protocol() {
    return this.#protocol;
  }

  get binaryType() {
    return this.#binaryType;
  }

  set binaryType(value) {
    this.#url;
    const type = converters.DOMString(value, "Failed to set the 'binaryType' property on 'WebSocket'", 'The value');
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  accept(_options = undefined) {
    const prefix = "Failed to execute 'accept' on 'WebSocket'";
    if (!this.#serves) throw new TypeError(`${prefix}: Only WebSockets of a WebSocketPair or of a fetch are accepted.`);
    if (this.#wire === undefined) throw new TypeError(`${prefix}: The WebSocket went out with a response.`);
    if (this.#accepted) return;
    this.#accepted = true;
    if (this.#readyState === CONNECTING) this.#readyState = OPEN;
    this.#wire.start(this.#receiver());
  }

  close(code = undefined, reason = undefined) {
    const prefix = "Failed to execute 'close' on 'WebSocket'";
    this.#url;
    if (code !== undefined) code = converters['unsigned short'](code, prefix, 'Argument 1', CLAMP);
    if (reason !== undefined) reason = converters.USVString(reason, prefix, 'Argument 2');
    if (code !== undefined && !this.#mayCloseWith(code)) {
      throw createDOMException(`${prefix}: The code must be 1000 or between 3000 and 4999; ${code} is neither.`, 'InvalidAccessError');
    }
    if (reason !== undefined && ops.bufferUtf8Length(reason) > 123) {
      throw createDOMException(`${prefix}: The reason must not be longer than 123 bytes.`, 'SyntaxError');
    }
    if (!this.#accepted) throw new TypeError(`${prefix}: The WebSocket must be accepted first.`);
    if (this.#readyState === CLOSING || this.#readyState === CLOSED) return;
    const wasConnecting = this.#readyState === CONNECTING;
    this.#readyState = CLOSING;
    if (wasConnecting) this.#giveUp();
    // A reason needs a code to stand behind.
    else this.#wire.close(code ?? (reason === undefined || reason === '' ? NO_CODE : 1000), reason ?? '');
  }

  send(data) {
    const prefix = "Failed to execute 'send' on 'WebSocket'";
    this.#url;
    requiredArguments(arguments.length, 1, prefix);
    data = toMessage(data, prefix);
    if (!this.#accepted) throw new TypeError(`${prefix}: The WebSocket must be accepted first.`);
    if (this.#readyState === CONNECTING) throw createDOMException(`${prefix}: Still in CONNECTING state.`, 'InvalidStateError');
    if (this.#readyState !== OPEN) {
      this.#lost += sizeOf(data);
      return;
    }
    this.#count(data);
    this.#wire.send(data);
    if (this.#wire.buffered > FULL) this.#overflow();
  }

  #count(data) {
    const turn = ops.turn();
    if (this.#turn !== turn) this.#sentInTurn = 0;
    this.#turn = turn;
    this.#sentInTurn += sizeOf(data);
  }

  #mayCloseWith(code) {
    if (code === 1000 || (code >= 3000 && code <= 4999)) return true;
    return this.#serves && ((code >= 1001 && code <= 1003) || (code >= 1007 && code <= 1014));
  }

  /** "Establish a WebSocket connection". */
  #establish(protocols) {
    const { connect } = lazy('./fetch.js');
    const block = protocols.length === 0 ? '' : `sec-websocket-protocol\n${ArrayPrototypeJoin(protocols, ', ')}\n`;
    this.#connecting = connect(`http${StringPrototypeSlice(this.#url, 2)}`, block, {
      __proto__: null,
      opened: (wire, fields) => this.#established(wire, headersGet(headersFromBlock(fields, 'none'), 'sec-websocket-protocol'), protocols),
      resolve: (response) => {
        const { status, body } = responseParts(response);
        if (body !== null) body.discard();
        this.#failed(`The server answered with status ${status}.`);
      },
      reject: (error) => this.#failed(error.message),
      dropped: () => this.#failed('The request that it belongs to is over.'),
      failed: 'The connection failed',
    });
  }

  #established(wire, protocol, offered) {
    if (this.#readyState !== CONNECTING) return wire.cut(ABNORMAL_END);
    if (protocol === null ? offered.length > 0 : !includes(offered, protocol)) {
      wire.cut(ABNORMAL_END);
      this.#failed('The server chose none of the protocols.');
      return;
    }
    this.#protocol = protocol ?? '';
    this.#open(wire);
  }

  #open(wire) {
    this.#wire = wire;
    this.#readyState = OPEN;
    this.#origin = originOf(this.#url);
    fireEvent(this, 'open');
    wire.start(this.#receiver());
  }

  /** "Fail the WebSocket connection" that is not there yet. */
  #failed(message) {
    if (this.#readyState === CLOSED) return;
    this.#closed(FAILED, ABNORMAL, '', message);
  }

  /** The tenant closes what is still connecting. */
  async #giveUp() {
    if (this.#serves) this.#wire.close(NO_CODE, '');
    else lazy('./fetch.js').giveUp(this.#connecting);
    await undefined;
    this.#failed('The WebSocket was closed before the connection was established.');
  }

  /** "Flagged as full": the other side does not take what it is sent. */
  async #overflow() {
    this.#readyState = CLOSING;
    this.#wire.cut(INTERNAL_ERROR);
    await undefined;
    this.#closed(FAILED, ABNORMAL, '', 'The other side does not take what it is sent.');
  }

  #receiver() {
    return {
      __proto__: null,
      receive: (data) => this.#received(data),
      closed: (end, code, reason) => this.#closed(end, code, reason, 'The connection failed.'),
    };
  }

  /** "A WebSocket message has been received". */
  #received(data) {
    if (this.#readyState !== OPEN || !hasEventListener(this, 'message')) return;
    if (typeof data !== 'string') {
      data = this.#binaryType === 'blob' ? lazy('./blob.js').createBlob(data, '') : TypedArrayPrototypeGetBuffer(data);
    }
    const { MessageEvent } = lazy('./event_types.js');
    dispatch(this, setIsTrusted(new MessageEvent('message', { __proto__: null, data, origin: this.#origin })));
  }

  /** "The WebSocket connection is closed". */
  #closed(end, code, reason, message) {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    if (end === FAILED && hasEventListener(this, 'error')) {
      const { ErrorEvent } = lazy('./event_types.js');
      dispatch(this, setIsTrusted(new ErrorEvent('error', { __proto__: null, message, error: new TypeError(message) })));
    }
    if (!hasEventListener(this, 'close')) return;
    const { CloseEvent } = lazy('./websocket/close_event.js');
    dispatch(this, setIsTrusted(new CloseEvent('close', { __proto__: null, wasClean: end === CLEAN, code, reason })));
  }

  static {
    isWebSocket = (value) => isEventTarget(value) && #wire in value;

    const create = (accepted) => {
      const socket = new WebSocket(privateToken);
      socket.#serves = true;
      socket.#accepted = accepted;
      socket.#binaryType = 'arraybuffer';
      return socket;
    };

    createPair = (opening, protocol) => {
      const client = create(false);
      const server = create(opening);
      client.#readyState = OPEN;
      if (opening) {
        server.#binaryType = 'blob';
        server.#protocol = protocol;
      } else {
        server.#readyState = OPEN;
      }
      client.#wire = new LocalWire((wire) => (client.#wire = wire));
      server.#wire = new LocalWire((wire) => {
        server.#wire = wire;
        if (opening) openLater(server, wire);
        else if (server.#accepted) wire.start(server.#receiver());
      });
      LocalWire.join(client.#wire, server.#wire);
      return { client, server };
    };

    /** Its events wait until the response is on its way. */
    const openLater = async (socket, wire) => {
      await undefined;
      if (socket.#readyState === CONNECTING) socket.#open(wire);
    };

    createFetchedWebSocket = (wire, url, protocol) => {
      const socket = create(false);
      socket.#wire = wire;
      socket.#readyState = OPEN;
      socket.#url = `ws${StringPrototypeSlice(url, 4)}`;
      socket.#origin = originOf(socket.#url);
      socket.#protocol = protocol ?? '';
      return socket;
    };

    answerWithWebSocket = (socket, stream, statusText, block, answered, over) => {
      const wire = socket.#wire;
      if (!socket.#serves || wire === undefined) throw new TypeError('The WebSocket of the response went out with another one.');
      if (socket.#accepted) throw new TypeError('The WebSocket of the response is in use: accept() was called, or it is the end that serves.');
      ops.respondSocket(stream, statusText, block);
      answered();
      socket.#wire = undefined;
      const link = new LinkWire(stream, 0, over);
      try {
        if (wire instanceof LocalWire) {
          wire.moveTo(link);
        } else {
          // What a fetch has opened goes through: message by message, both ways.
          wire.start(relay(link));
          link.start(relay(wire));
        }
      } catch (error) {
        // The request is answered: from here on, what fails is the WebSocket.
        ops.reportException(error);
        link.cut(INTERNAL_ERROR);
      }
    };
  }
}

defineEventHandler(WebSocket.prototype, 'open');
defineEventHandler(WebSocket.prototype, 'error');
defineEventHandler(WebSocket.prototype, 'close');
defineEventHandler(WebSocket.prototype, 'message');
configureInterface(WebSocket, { length: 1, inspectable: ['url', 'readyState', 'protocol', 'binaryType'] });
defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });

const CLAMP = { __proto__: null, clamp: true };
/** What ends a connection that is not wanted. */
const ABNORMAL_END = 1002;

/** The receiver that passes everything on. */
function relay(wire) {
  return {
    __proto__: null,
    receive: (data) => {
      wire.send(data);
      if (wire.buffered > FULL) wire.cut(INTERNAL_ERROR);
    },
    closed: (end, code, reason) => (end === CLEAN ? wire.close(code, reason) : wire.cut(INTERNAL_ERROR)),
  };
}

/** The URL record's serialization, with a scheme of WebSockets. */
function toWebSocketURL(url, prefix) {
  const failure = (why) => createDOMException(`${prefix}: The URL '${url}' ${why}.`, 'SyntaxError');
  let href = ops.urlParse(url, undefined, new Uint32Array(8));
  if (href === undefined) throw failure('is invalid');
  if (StringPrototypeStartsWith(href, 'http:') || StringPrototypeStartsWith(href, 'https:')) {
    href = ops.urlParse(`ws${StringPrototypeSlice(href, 4)}`, undefined, new Uint32Array(8));
  }
  if (!StringPrototypeStartsWith(href, 'ws:') && !StringPrototypeStartsWith(href, 'wss:')) throw failure("must have the scheme 'ws' or 'wss'");
  if (StringPrototypeIndexOf(href, '#') !== -1) throw failure('must not have a fragment');
  return href;
}

function checkProtocols(protocols, prefix) {
  const seen = [];
  for (let i = 0; i < protocols.length; i++) {
    const protocol = protocols[i];
    if (protocol === '' || RegExpPrototypeExec(notToken, protocol) !== null) {
      throw createDOMException(`${prefix}: The protocol '${protocol}' is invalid.`, 'SyntaxError');
    }
    const lower = StringPrototypeToLowerCase(protocol);
    if (includes(seen, lower)) throw createDOMException(`${prefix}: The protocol '${protocol}' is there twice.`, 'SyntaxError');
    ArrayPrototypePush(seen, lower);
  }
}

function includes(list, value) {
  for (let i = 0; i < list.length; i++) if (list[i] === value) return true;
  return false;
}

/** The serialization of the origin of a URL with a host. */
function originOf(url) {
  if (url === '') return '';
  const offsets = new Uint32Array(8);
  ops.urlParse(url, undefined, offsets);
  const host = StringPrototypeSlice(url, offsets[HOST_START], offsets[PATHNAME_START]);
  return `${StringPrototypeSlice(url, 0, offsets[PROTOCOL_END])}//${StringPrototypeStartsWith(host, '@') ? StringPrototypeSlice(host, 1) : host}`;
}

/** `(BufferSource or Blob or USVString)`: a string or a `Uint8Array`. */
function toMessage(data, prefix) {
  if (typeof data === 'string') return converters.USVString(data, prefix, 'Argument 1');
  if (ArrayBufferIsView(data) || isArrayBuffer(data)) return bufferSourceBytes(data);
  if (typeof data === 'object' && data !== null) {
    const { isBlob, blobBytes } = lazy('./blob.js');
    if (isBlob(data)) return blobBytes(data);
  }
  return converters.USVString(data, prefix, 'Argument 1');
}

function sizeOf(data) {
  return typeof data === 'string' ? ops.bufferUtf8Length(data) : TypedArrayPrototypeGetByteLength(data);
}
