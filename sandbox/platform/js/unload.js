// @ts-check
/**
 * The end of an isolate that was asked to go. No specification has an event for this outside of documents; its
 * name is the one that other runtimes for servers use.
 */

import { dispatch, hasEventListener, setIsTrusted } from './event.js';
import { CustomEvent } from './event_types.js';
import { ifLoaded } from './lazy.js';
import { ops } from './ops.js';
import { PromiseResolve } from './primordials.js';
import { configureInterface, illegalConstructor, privateToken, requiredArguments } from './webidl.js';

const global = globalThis;

/** Promises given to `waitUntil` that are not settled. */
let waiting = 0;

export class BeforeUnloadEvent extends CustomEvent {
  #reason;

  constructor(token, reason) {
    if (token !== privateToken) illegalConstructor();
    super('beforeunload', { __proto__: null, detail: { reason } });
    this.#reason = reason;
  }

  get reason() {
    return this.#reason;
  }

  waitUntil(promise) {
    this.#reason;
    requiredArguments(arguments.length, 1, "Failed to execute 'waitUntil' on 'BeforeUnloadEvent'");
    ops.react(PromiseResolve(promise), settled, (error) => {
      ops.reportException(error);
      settled();
    });
    waiting++;
  }
}

configureInterface(BeforeUnloadEvent, { inspectable: ['reason'] });

/**
 * Dispatches `beforeunload`, if anyone listens. Returns whether somebody asked to wait: stream 0 is done then. After that, those who
 * are connected hear that the isolate goes.
 */
export function dispatchUnload(reason) {
  if (hasEventListener(global, 'beforeunload')) dispatch(global, setIsTrusted(new BeforeUnloadEvent(privateToken, reason)));
  if (waiting > 0) return true;
  closeWebSockets();
  return false;
}

function settled() {
  if (--waiting > 0) return;
  closeWebSockets();
  ops.requestDone(0);
}

function closeWebSockets() {
  const links = ifLoaded('./websocket/link.js');
  if (links !== undefined) links.closeWires();
}
