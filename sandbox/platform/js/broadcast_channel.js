// @ts-check
/**
 * BroadcastChannel of the HTML Standard (https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts).
 * It reaches the channels of the same isolate.
 */

import { EventTarget, defineEventHandler, dispatch, hasEventListener, setIsTrusted } from './event.js';
import { createMessageEvent } from './event_types.js';
import { Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet } from './primordials.js';
import { Set, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeForEach, SetPrototypeGetSize } from './primordials/collections.js';
import { clone } from './structured_clone.js';
import { queueTask } from './timers.js';
import { configureInterface, converters, createDOMException, requiredArguments } from './webidl.js';

/** Name → the open channels of that name, in the order of their making. */
const channels = new Map();

export class BroadcastChannel extends EventTarget {
  #name;
  #closed = false;

  constructor(name) {
    const prefix = "Failed to construct 'BroadcastChannel'";
    requiredArguments(arguments.length, 1, prefix);
    name = converters.DOMString(name, prefix, 'Argument 1');
    super();
    this.#name = name;
    const others = MapPrototypeGet(channels, name);
    if (others === undefined) MapPrototypeSet(channels, name, SetPrototypeAdd(new Set(), this));
    else SetPrototypeAdd(others, this);
  }

  get name() {
    return this.#name;
  }

  postMessage(message) {
    const name = this.#name;
    const prefix = "Failed to execute 'postMessage' on 'BroadcastChannel'";
    requiredArguments(arguments.length, 1, prefix);
    if (this.#closed) throw createDOMException(`${prefix}: The channel is closed.`, 'InvalidStateError');
    const data = clone(message, prefix);
    SetPrototypeForEach(MapPrototypeGet(channels, name), (channel) => {
      // Each gets a clone of its own, of what no getter of the tenant's is in any more.
      if (channel !== this) queueTask(() => channel.#receive(clone(data, prefix)));
    });
  }

  close() {
    const name = this.#name;
    if (this.#closed) return;
    this.#closed = true;
    const others = MapPrototypeGet(channels, name);
    SetPrototypeDelete(others, this);
    if (SetPrototypeGetSize(others) === 0) MapPrototypeDelete(channels, name);
  }

  #receive(data) {
    if (this.#closed || !hasEventListener(this, 'message')) return;
    dispatch(this, setIsTrusted(createMessageEvent('message', data, [])));
  }
}

defineEventHandler(BroadcastChannel.prototype, 'message');
defineEventHandler(BroadcastChannel.prototype, 'messageerror');
configureInterface(BroadcastChannel, { inspectable: ['name'] });
