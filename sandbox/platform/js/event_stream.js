// @ts-check
/** "Interpreting an event stream" of the HTML Standard (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation). */

import { ops } from './ops.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
  inheritNothing,
} from './primordials.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const digits = /^[0-9]+$/;

/** Takes bytes, gives events. */
export class EventStream {
  #decoder = ops.decoderNew('UTF-8', false, false);
  #lineEnd = /[\n\r]/g;
  /** Parts of a line that has not ended: joined only when it has. */
  #parts = [];
  #afterCarriageReturn = false;
  #data = '';
  #type = '';
  #lastEventId;
  #dispatch;
  #setRetry;

  /**
   * @param {string} lastEventId of the stream before
   * @param {(type: string, data: string, lastEventId: string) => void} dispatch
   * @param {(milliseconds: number) => void} setRetry
   */
  constructor(lastEventId, dispatch, setRetry) {
    this.#lastEventId = lastEventId;
    this.#dispatch = dispatch;
    this.#setRetry = setRetry;
  }

  /** @param {Uint8Array} bytes */
  push(bytes) {
    const text = ops.decoderDecode(this.#decoder, bytes, true);
    const lineEnd = this.#lineEnd;
    let start = 0;
    if (text.length > 0) {
      if (this.#afterCarriageReturn && StringPrototypeCharCodeAt(text, 0) === LINE_FEED) start = 1;
      this.#afterCarriageReturn = false;
    }
    for (;;) {
      lineEnd.lastIndex = start;
      const found = RegExpPrototypeExec(lineEnd, text);
      if (found === null) break;
      const { index } = found;
      ArrayPrototypePush(this.#parts, StringPrototypeSlice(text, start, index));
      const line = ArrayPrototypeJoin(this.#parts, '');
      this.#parts = [];
      start = index + 1;
      if (StringPrototypeCharCodeAt(text, index) === CARRIAGE_RETURN) {
        if (start === text.length) this.#afterCarriageReturn = true;
        else if (StringPrototypeCharCodeAt(text, start) === LINE_FEED) start++;
      }
      this.#line(line);
    }
    if (start < text.length) ArrayPrototypePush(this.#parts, StringPrototypeSlice(text, start));
  }

  #line(line) {
    if (line === '') {
      this.#dispatchEvent();
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return;
    if (colon === -1) {
      this.#field(line, '');
      return;
    }
    const value = StringPrototypeSlice(line, colon + 1);
    this.#field(StringPrototypeSlice(line, 0, colon), StringPrototypeStartsWith(value, ' ') ? StringPrototypeSlice(value, 1) : value);
  }

  #field(name, value) {
    if (name === 'data') this.#data += `${value}\n`;
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && StringPrototypeIndexOf(value, '\0') === -1) this.#lastEventId = value;
    else if (name === 'retry' && RegExpPrototypeExec(digits, value) !== null) this.#setRetry(+value);
  }

  #dispatchEvent() {
    const data = this.#data;
    const type = this.#type;
    this.#data = '';
    this.#type = '';
    if (data === '') {
      this.#dispatch('', undefined, this.#lastEventId);
      return;
    }
    this.#dispatch(type === '' ? 'message' : type, StringPrototypeSlice(data, 0, -1), this.#lastEventId);
  }
}
inheritNothing(EventStream);
