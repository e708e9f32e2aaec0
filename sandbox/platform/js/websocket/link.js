// @ts-check
/**
 * WebSockets that cross the wall. The host speaks RFC 6455; here are whole messages, and credit.
 *
 * A wire carries one WebSocket's messages: `send(data)`, `close(code, reason)`, `start(receiver)`, `buffered`.
 * Its receiver is `{ receive(data), closed(end, code, reason) }`. Data is a string or a `Uint8Array`.
 */

import { ops } from '../ops.js';
import { addSender, removeSender } from '../in_flight.js';
import {
  ArrayPrototypePush, Map, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
} from '../primordials.js';
import { TypedArrayPrototypeGetByteLength, TypedArrayPrototypeSet, Uint8Array } from '../primordials/buffers.js';
import { Set, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach, SetPrototypeGetSize } from '../primordials/collections.js';
import { setEndWires } from '../serve.js';

// How a WebSocket ended: numbers of the wire.
export const CLEAN = 0;
const BROKEN = 1;
export const FAILED = 2;

export const NO_CODE = 1005;
export const ABNORMAL = 1006;
export const INTERNAL_ERROR = 1011;
const GOING_AWAY = 1001;

/** Consumed credit after which more is granted: few frames, and the host never runs dry. */
const GRANT = 64 << 10;

/** Stream number → the wire on it. */
const wires = new Map();
/** The stream number of a request → the wires of its subrequests. */
const children = new Map();

export class LinkWire {
  #stream;
  /** The request that a subrequest's wire belongs to; 0 for a wire that is its request's answer. */
  #parent;
  #over;
  #context = ops.context();
  /** Messages that wait for credit, as a list: `{ binary, bytes, next }`; how much of the first is sent. */
  #first = undefined;
  #last = undefined;
  #offset = 0;
  #buffered = 0;
  /** `{ code, reason }` once it shall end after what is buffered. */
  #closing = undefined;
  #closeSent = false;
  #ended = false;
  #receiver = undefined;
  /** What has arrived before anybody wanted it, in order. */
  #early = [];
  /** Of the message that is arriving. */
  #text = '';
  #chunks = [];
  #size = 0;
  /** Credit of what was consumed and not granted anew. */
  #consumed = 0;

  /** `over()` is called when the host has said its last word. */
  constructor(stream, parent, over) {
    this.#stream = stream;
    this.#parent = parent;
    this.#over = over;
    MapPrototypeSet(wires, stream, this);
    if (parent !== 0) {
      if (!MapPrototypeHas(children, parent)) MapPrototypeSet(children, parent, new Set());
      SetPrototypeAdd(MapPrototypeGet(children, parent), this);
    }
    addSender(stream, this);
  }

  get context() {
    return this.#context;
  }

  /** Bytes that the host does not take yet. */
  get buffered() {
    return this.#buffered;
  }

  /** `data` may be a view of a tenant's: what cannot be sent at once is copied. */
  send(data) {
    if (this.#ended || this.#closing !== undefined) return;
    const binary = typeof data !== 'string';
    const message = { binary, bytes: binary ? data : ops.utf8Encode(data), next: undefined };
    this.#buffered += TypedArrayPrototypeGetByteLength(message.bytes);
    if (this.#last === undefined) this.#first = message;
    else this.#last.next = message;
    this.#last = message;
    if (this.#first === message) this.resume();
    if (binary && this.#last === message) message.bytes = new Uint8Array(message.bytes);
  }

  close(code, reason) {
    if (this.#ended || this.#closing !== undefined) return;
    this.#closing = { code, reason };
    this.resume();
  }

  /** Ends it without what is buffered. */
  cut(code) {
    this.#drop();
    this.close(code, '');
  }

  /** From here on, messages go to `receiver`. */
  start(receiver) {
    this.#receiver = receiver;
    const early = this.#early;
    this.#early = [];
    for (let i = 0; i < early.length; i++) early[i]();
  }

  part(last, data, cost) {
    if (this.#receiver === undefined) ArrayPrototypePush(this.#early, () => this.#take(last, data, cost));
    else this.#take(last, data, cost);
  }

  closed(end, code, reason) {
    if (this.#ended) return;
    this.#ended = true;
    this.#drop();
    MapPrototypeDelete(wires, this.#stream);
    const siblings = MapPrototypeGet(children, this.#parent);
    if (siblings !== undefined) {
      SetPrototypeDelete(siblings, this);
      if (SetPrototypeGetSize(siblings) === 0) MapPrototypeDelete(children, this.#parent);
    }
    removeSender(this.#stream);
    if (this.#receiver === undefined) ArrayPrototypePush(this.#early, () => this.#receiver.closed(end, code, reason));
    else this.#receiver.closed(end, code, reason);
    this.#over();
  }

  // As a sender beside bodies.

  /** The host has granted credit. */
  resume() {
    while (this.#first !== undefined) {
      const { binary, bytes } = this.#first;
      const sent = ops.socketSend(this.#stream, binary, bytes, this.#offset);
      if (sent === -1) return;
      this.#buffered -= sent - this.#offset;
      this.#offset = sent;
      if (sent < TypedArrayPrototypeGetByteLength(bytes)) return;
      this.#first = this.#first.next;
      this.#offset = 0;
    }
    this.#last = undefined;
    if (this.#closing === undefined || this.#closeSent) return;
    this.#closeSent = true;
    ops.socketClose(this.#stream, this.#closing.code, this.#closing.reason);
  }

  /** Its request is over, or nobody wants it any more. */
  stop() {
    ops.socketEnd(this.#stream);
    this.closed(BROKEN, ABNORMAL, '');
  }

  breakOff() {
    this.stop();
  }

  #take(last, data, cost) {
    this.#consumed += cost;
    if (this.#consumed >= GRANT && !this.#ended) {
      ops.credit(this.#stream, this.#consumed);
      this.#consumed = 0;
    }
    const isText = typeof data === 'string';
    if (isText) {
      this.#text += data;
    } else {
      ArrayPrototypePush(this.#chunks, data);
      this.#size += TypedArrayPrototypeGetByteLength(data);
    }
    if (!last) return;
    const message = isText ? this.#text : this.#joined();
    this.#text = '';
    this.#receiver.receive(message);
  }

  #joined() {
    const chunks = this.#chunks;
    const size = this.#size;
    this.#chunks = [];
    this.#size = 0;
    if (chunks.length === 1) return chunks[0];
    const bytes = new Uint8Array(size);
    let offset = 0;
    for (let i = 0; i < chunks.length; i++) {
      TypedArrayPrototypeSet(bytes, chunks[i], offset);
      offset += TypedArrayPrototypeGetByteLength(chunks[i]);
    }
    return bytes;
  }

  #drop() {
    this.#first = undefined;
    this.#last = undefined;
    this.#offset = 0;
    this.#buffered = 0;
  }
}

/** The request on `stream` is over, and what it has connected to with it. */
setEndWires((stream) => {
  const ended = MapPrototypeGet(children, stream);
  if (ended === undefined) return;
  SetPrototypeForEach(ended, (wire) => {
    try {
      wire.stop();
    } catch (error) {
      ops.reportException(error);
    }
  });
});

/** The isolate goes: who is connected is told. */
export function closeWires() {
  MapPrototypeForEach(wires, (wire) => wire.close(GOING_AWAY, ''));
}

// For the dispatcher.

export function receiveMessage(stream, last, data, cost) {
  const wire = MapPrototypeGet(wires, stream);
  if (wire === undefined) return;
  ops.setContext(wire.context);
  wire.part(last, data, cost);
}

export function receiveClosed(stream, end, code, reason) {
  const wire = MapPrototypeGet(wires, stream);
  if (wire === undefined) return;
  ops.setContext(wire.context);
  wire.closed(end, code, reason);
}
