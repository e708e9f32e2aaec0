// @ts-check
/** `node:diagnostics_channel` (https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSlice, ArrayPrototypeSplice, Map, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, PromisePrototypeThen,
  PromiseReject, PromiseResolve, ReflectApply,
} from '../primordials.js';
import { invalidArgType } from './errors.js';
import { nextTick } from './ticks.js';
import { validateFunction } from './validators.js';

/** name → channel */
const channels = new Map();
const report = (error) => nextTick(() => lazy('./event.js').reportException(error));

export class Channel {
  #subscribers = [];
  #stores = new Map();

  constructor(name) {
    this.name = name;
  }

  get hasSubscribers() {
    return this.#subscribers.length > 0 || MapPrototypeGetSize(this.#stores) > 0;
  }

  get _subscribers() {
    return this.#subscribers;
  }

  subscribe(subscription) {
    validateFunction(subscription, 'subscription');
    this.#subscribers = ArrayPrototypeSlice(this.#subscribers);
    ArrayPrototypePush(this.#subscribers, subscription);
  }

  unsubscribe(subscription) {
    const index = ArrayPrototypeIndexOf(this.#subscribers, subscription);
    if (index === -1) return false;
    this.#subscribers = ArrayPrototypeSlice(this.#subscribers);
    ArrayPrototypeSplice(this.#subscribers, index, 1);
    return true;
  }

  bindStore(store, transform = undefined) {
    MapPrototypeSet(this.#stores, store, transform);
  }

  unbindStore(store) {
    return MapPrototypeDelete(this.#stores, store);
  }

  publish(data) {
    const subscribers = this.#subscribers;
    for (let i = 0; i < subscribers.length; i++) {
      try {
        subscribers[i](data, this.name);
      } catch (error) {
        report(error);
      }
    }
  }

  runStores(data, fn, thisArg = undefined, ...args) {
    let run = () => {
      this.publish(data);
      return ReflectApply(fn, thisArg, args);
    };
    MapPrototypeForEach(this.#stores, (transform, store) => {
      const inner = run;
      run = () => {
        let context = data;
        if (transform) {
          try {
            context = transform(data);
          } catch (error) {
            report(error);
            return inner();
          }
        }
        return store.run(context, inner);
      };
    });
    return run();
  }
}

export function channel(name) {
  const known = MapPrototypeGet(channels, name);
  if (known !== undefined) return known;
  if (typeof name !== 'string' && typeof name !== 'symbol') throw invalidArgType('channel', ['string', 'symbol'], name);
  const made = new Channel(name);
  MapPrototypeSet(channels, name, made);
  return made;
}

export function subscribe(name, subscription) {
  return channel(name).subscribe(subscription);
}

export function unsubscribe(name, subscription) {
  return channel(name).unsubscribe(subscription);
}

export function hasSubscribers(name) {
  const known = MapPrototypeGet(channels, name);
  return known === undefined ? false : known.hasSubscribers;
}

const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

class TracingChannel {
  constructor(nameOrChannels) {
    for (let i = 0; i < events.length; i++) {
      const given = typeof nameOrChannels === 'string' ? channel(`tracing:${nameOrChannels}:${events[i]}`) : nameOrChannels?.[events[i]];
      if (!(given instanceof Channel)) throw invalidArgType(`nameOrChannels.${events[i]}`, ['Channel'], given);
      this[events[i]] = given;
    }
  }

  get hasSubscribers() {
    for (let i = 0; i < events.length; i++) if (this[events[i]].hasSubscribers) return true;
    return false;
  }

  subscribe(handlers) {
    for (let i = 0; i < events.length; i++) if (handlers[events[i]]) this[events[i]].subscribe(handlers[events[i]]);
  }

  unsubscribe(handlers) {
    let done = true;
    for (let i = 0; i < events.length; i++) if (handlers[events[i]] && !this[events[i]].unsubscribe(handlers[events[i]])) done = false;
    return done;
  }

  traceSync(fn, context = {}, thisArg = undefined, ...args) {
    return this.start.runStores(context, () => {
      try {
        const result = ReflectApply(fn, thisArg, args);
        context.result = result;
        return result;
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(fn, context = {}, thisArg = undefined, ...args) {
    return this.start.runStores(context, () => {
      try {
        return PromisePrototypeThen(
          PromiseResolve(ReflectApply(fn, thisArg, args)),
          (result) => {
            context.result = result;
            this.asyncStart.publish(context);
            this.asyncEnd.publish(context);
            return result;
          },
          (error) => {
            context.error = error;
            this.error.publish(context);
            this.asyncStart.publish(context);
            this.asyncEnd.publish(context);
            return PromiseReject(error);
          },
        );
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback(fn, position = -1, context = {}, thisArg = undefined, ...args) {
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    validateFunction(callback, 'callback');
    const { asyncStart, asyncEnd, error: failed } = this;
    args[at] = function (error, result) {
      if (error) {
        context.error = error;
        failed.publish(context);
      } else {
        context.result = result;
      }
      return asyncStart.runStores(context, () => {
        try {
          return ReflectApply(callback, this, arguments);
        } finally {
          asyncEnd.publish(context);
        }
      });
    };
    return this.start.runStores(context, () => {
      try {
        return ReflectApply(fn, thisArg, args);
      } catch (error) {
        context.error = error;
        failed.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

export function tracingChannel(nameOrChannels) {
  return new TracingChannel(nameOrChannels);
}

export default { channel, hasSubscribers, subscribe, tracingChannel, unsubscribe, Channel };
