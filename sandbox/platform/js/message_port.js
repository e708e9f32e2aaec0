// @ts-check
/**
 * Channel messaging of the HTML Standard (https://html.spec.whatwg.org/multipage/web-messaging.html#channel-messaging),
 * between ports of one isolate.
 *
 * A message is cloned when it is posted; nobody can tell from when it arrives. It is delivered in a task, in the
 * context of whoever posted it.
 */

import { EventTarget, defineEventHandler, dispatch, fireEvent, hasEventListener, setIsTrusted } from './event.js';
import { createMessageEvent } from './event_types.js';
import { ops } from './ops.js';
import { ArrayPrototypeIndexOf, ArrayPrototypePush, SymbolIterator, inheritNothing } from './primordials.js';
import { registerTransferable } from './serializable.js';
import { cloneWithTransfer, toTransfer } from './structured_clone.js';
import { queueTask, queueTaskIn } from './timers.js';
import {
  configureInterface, converters, createDOMException, createSequenceConverter, illegalConstructor, privateToken, requiredArguments,
} from './webidl.js';

/**
 * One end of a channel, without an object that tenants could hold: streams that were transferred talk through these.
 */
export class Port {
  /** The other end; undefined once disentangled. */
  #other = undefined;
  /** Messages that were not delivered: a linked list. */
  #first = undefined;
  #last = undefined;
  #enabled = false;
  /** What to do with a message, and when the other end is gone. */
  #receiver = undefined;

  /** "Entangle" two ports. */
  static pair() {
    const one = new Port();
    const other = new Port();
    one.#other = other;
    other.#other = one;
    return { one, other };
  }

  get other() {
    return this.#other;
  }

  /** @param {undefined | { receive(message: any): void, disentangled(): void }} receiver */
  set receiver(receiver) {
    this.#receiver = receiver;
  }

  /** Delivers `message` to the other end, in a task of its own. */
  post(message) {
    if (this.#other !== undefined) this.#other.#add(message);
  }

  /** "Enable" the port message queue. */
  start() {
    if (this.#enabled) return;
    this.#enabled = true;
    for (let item = this.#first; item !== undefined; item = item.next) this.#schedule(item.context);
  }

  /** Disable it: the port moves. Tasks that are under way find nothing to do. */
  stop() {
    this.#enabled = false;
  }

  /** "Disentangle": what was posted before still arrives. */
  disentangle() {
    const other = this.#other;
    if (other === undefined) return;
    this.#other = undefined;
    other.#other = undefined;
    queueTask(() => other.#receiver?.disentangled());
  }

  #add(message) {
    const item = { __proto__: null, message, context: ops.context(), next: undefined };
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    if (this.#enabled) this.#schedule(item.context);
  }

  #schedule(context) {
    queueTaskIn(context, () => this.#deliver());
  }

  #deliver() {
    const item = this.#first;
    if (!this.#enabled || item === undefined) return;
    this.#first = item.next;
    if (item.next === undefined) this.#last = undefined;
    this.#receiver?.receive(item.message);
  }
}
inheritNothing(Port);

/** Whether `value` is a MessagePort. */
export let isMessagePort;
let portOf;
let startPort;
let isPortDetached;
let transferPort;

export class MessagePort extends EventTarget {
  #port;
  #detached = false;

  constructor(token, port) {
    if (token !== privateToken) illegalConstructor();
    super();
    this.#port = port;
    port.receiver = { __proto__: null, receive: (message) => receiveMessage(this, message), disentangled: () => fireEvent(this, 'close') };
  }

  /** "Message port post message steps". */
  postMessage(message, options = undefined) {
    const port = this.#port;
    const prefix = "Failed to execute 'postMessage' on 'MessagePort'";
    requiredArguments(arguments.length, 1, prefix);
    const transfer = toTransferArgument(options, prefix);
    if (ArrayPrototypeIndexOf(transfer, this) !== -1) throw createDOMException(`${prefix}: A port cannot be sent through itself.`, 'DataCloneError');
    const other = port.other;
    const { value, transferred } = cloneWithTransfer(message, transfer, prefix);
    // Who sends the other end through the channel to it has lost both.
    if (port.other === undefined || isAmong(transferred, other)) return;
    port.post({ __proto__: null, data: value, ports: portsAmong(transferred) });
  }

  start() {
    startPort(this);
  }

  close() {
    if (this.#detached) return;
    this.#detached = true;
    this.#port.disentangle();
  }

  static {
    isMessagePort = (value) => typeof value === 'object' && value !== null && #port in value;
    portOf = (object) => object.#port;
    startPort = (object) => {
      if (!object.#detached) object.#port.start();
    };
    isPortDetached = (object) => object.#detached;
    transferPort = (object) => {
      const port = object.#port;
      object.#detached = true;
      port.stop();
      // What the old object is asked to do from here on, it does to nobody.
      object.#port = new Port();
      return new MessagePort(privateToken, port);
    };
  }
}

defineEventHandler(MessagePort.prototype, 'message', (object) => startPort(object));
defineEventHandler(MessagePort.prototype, 'messageerror');
defineEventHandler(MessagePort.prototype, 'close');
configureInterface(MessagePort);
registerTransferable(isMessagePort, isPortDetached, transferPort);

export class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const { one, other } = Port.pair();
    this.#port1 = new MessagePort(privateToken, one);
    this.#port2 = new MessagePort(privateToken, other);
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }
}

configureInterface(MessageChannel, { inspectable: ['port1', 'port2'] });

const toTransferList = createSequenceConverter(converters.object);

/** The second argument of `postMessage`: a sequence, or options. */
function toTransferArgument(value, prefix) {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const iterator = isObject ? value[SymbolIterator] : undefined;
  if (iterator === undefined || iterator === null) return toTransfer(value, prefix);
  return toTransferList(value, prefix, 'Argument 2', { __proto__: null, iterator });
}

function receiveMessage(target, { data, ports }) {
  if (!hasEventListener(target, 'message')) return;
  dispatch(target, setIsTrusted(createMessageEvent('message', data, ports)));
}

function isAmong(objects, port) {
  for (let i = 0; i < objects.length; i++) if (isMessagePort(objects[i]) && portOf(objects[i]) === port) return true;
  return false;
}

function portsAmong(objects) {
  const ports = [];
  for (let i = 0; i < objects.length; i++) if (isMessagePort(objects[i])) ArrayPrototypePush(ports, objects[i]);
  return ports;
}
