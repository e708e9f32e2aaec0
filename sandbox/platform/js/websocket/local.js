// @ts-check
/** The wire between the two WebSockets of a pair, as long as both are in this isolate; see `link.js` for what a wire is. */

import { ops } from '../ops.js';
import { TypedArrayPrototypeGetByteLength, Uint8Array } from '../primordials/buffers.js';
import { CLEAN, INTERNAL_ERROR } from './link.js';

/** One end. Messages wait at the end that they are for. */
export class LocalWire {
  #peer = undefined;
  #receiver = undefined;
  /** What has arrived: a list of `{ data, size, code, reason, next }`; without data it is the end. */
  #first = undefined;
  #last = undefined;
  #buffered = 0;
  #delivering = false;
  #closing = false;
  /** The context of whoever wants the messages. */
  #context = undefined;
  /** Called when the other end leaves the isolate: with the wire that takes this one's place. */
  #moved;

  constructor(moved) {
    this.#moved = moved;
  }

  static join(one, other) {
    one.#peer = other;
    other.#peer = one;
  }

  /** Bytes that the other end has not got. */
  get buffered() {
    return this.#buffered;
  }

  send(data) {
    if (this.#closing) return;
    const isText = typeof data === 'string';
    const size = isText ? ops.bufferUtf8Length(data) : TypedArrayPrototypeGetByteLength(data);
    this.#buffered += size;
    this.#peer.#add({ data: isText ? data : new Uint8Array(data), size, code: 0, reason: '', next: undefined });
  }

  close(code, reason) {
    if (this.#closing) return;
    this.#closing = true;
    this.#peer.#add({ data: undefined, size: 0, code, reason, next: undefined });
  }

  cut(code) {
    this.close(code, '');
  }

  start(receiver) {
    this.#receiver = receiver;
    this.#context = ops.context();
    this.#deliver();
  }

  /** What has arrived here goes to `wire` instead, and so does what the other end sends from here on. */
  moveTo(wire) {
    const first = this.#first;
    this.#first = undefined;
    this.#peer.#buffered = 0;
    try {
      for (let message = first; message !== undefined; message = message.next) {
        if (message.data === undefined) wire.close(message.code, message.reason);
        else wire.send(message.data);
      }
    } catch (error) {
      ops.reportException(error);
      wire.cut(INTERNAL_ERROR);
    }
    this.#peer.#moved(wire);
  }

  #add(message) {
    if (this.#last === undefined) this.#first = message;
    else this.#last.next = message;
    this.#last = message;
    if (this.#receiver !== undefined) this.#deliver();
  }

  /** An await of no promise reads no property that a tenant could have replaced. */
  async #deliver() {
    if (this.#delivering) return;
    this.#delivering = true;
    await undefined;
    const context = ops.context();
    while (this.#first !== undefined) {
      const { data, size, code, reason } = this.#first;
      this.#first = this.#first.next;
      if (this.#first === undefined) this.#last = undefined;
      this.#peer.#buffered -= size;
      ops.setContext(this.#context);
      if (data !== undefined) this.#receiver.receive(data);
      else this.#end(code, reason);
    }
    this.#delivering = false;
    ops.setContext(context);
  }

  /** The other end has closed, or has answered that this one did. */
  #end(code, reason) {
    const isAnswer = this.#closing;
    if (!isAnswer) this.close(code, reason);
    this.#receiver.closed(CLEAN, code, reason);
  }
}
