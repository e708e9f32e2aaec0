// @ts-check
/**
 * What the files of the Streams Standard share: promise slots, promise reactions and lists
 * (Streams Standard §8 "Supporting abstract operations").
 */
import { PromiseReject, PromiseResolve, PromiseWithResolvers, ReflectGetPrototypeOf, TypeError, inheritNothing } from '../primordials.js';
import { RangeError } from '../primordials/range_error.js';
import { ops, then } from '../ops.js';

/** Never handed to tenants, so one settled promise serves every reaction that needs a tick. */
const RESOLVED = PromiseResolve(undefined);

/**
 * Reacts to the outcome of an algorithm; a promise of what the reaction comes to.
 * @param {Promise<any> | undefined} outcome a native promise; undefined stands for "a promise resolved with undefined"
 */
export function uponSettled(outcome, onFulfilled, onRejected) {
  return then(outcome === undefined ? RESOLVED : outcome, onFulfilled, onRejected);
}

/**
 * The same, where nobody waits for the reaction: neither function may throw.
 * @param {Promise<any> | PromiseSlot | undefined} outcome
 */
export function react(outcome, onFulfilled, onRejected) {
  if (outcome === undefined) ops.queueJob(onFulfilled);
  else if (ReflectGetPrototypeOf(outcome) === slotPrototype) outcome.react(onFulfilled, onRejected);
  else ops.react(outcome, onFulfilled, onRejected);
}

/**
 * Web IDL's "a promise resolved with", which, unlike `Promise.resolve`, wraps a promise; undefined for
 * one resolved with undefined. Where its ticks decide what wins: results of `start`, and of a
 * transformer's `flush` and `cancel`.
 */
export function promiseResolvedWith(value) {
  if (value === undefined) return undefined;
  const { promise, resolve } = PromiseWithResolvers();
  resolve(value);
  return promise;
}

/** "Queue a microtask". */
export function queueMicrotask(steps) {
  ops.queueJob(steps);
}

/**
 * What a tenant's callback returned, as a promise. Web IDL would wrap a promise in another one; on
 * paths that run once per chunk, its two ticks are not worth that.
 */
export function callbackOutcome(returned) {
  return returned === undefined ? undefined : PromiseResolve(returned);
}

export function ignore() {}

/** What `Promise.withResolvers` makes, without two functions for each: for what is made once per chunk. */
export class Capability {
  promise = ops.newPromise();

  resolve(value) {
    ops.resolvePromise(this.promise, value);
  }

  reject(reason) {
    ops.rejectPromise(this.promise, reason);
  }
}

/**
 * The value of a promise-holding slot. Most such slots (`closed`, `ready`, the writes of a pipe)
 * are never looked at, so the promise is only made when someone asks for it: reactions wait here, and become jobs
 * where a promise would have made such of them.
 */
export class PromiseSlot {
  // Assigned and not declared: there is one for each chunk, and declarations take longer.
  constructor() {
    /** 0 pending, 1 fulfilled with undefined, 2 rejected with `reason`. */
    this.state = 0;
    this.reason = undefined;
    /** Makes the reason of a rejection when somebody looks: an error with its stack costs more than a slot. */
    this.makeReason = undefined;
    this.handled = false;
    this.promise = undefined;
    /** What waits while it is pending and there is no promise: `{ context, onFulfilled, onRejected, next }`. */
    this.reactions = undefined;
  }

  static fulfilled() {
    const slot = new PromiseSlot();
    slot.state = 1;
    return slot;
  }

  static rejected(reason) {
    const slot = new PromiseSlot();
    slot.state = 2;
    slot.reason = reason;
    return slot;
  }

  /** A rejected slot with [[PromiseIsHandled]] set. */
  static rejectedHandled(reason) {
    const slot = PromiseSlot.rejected(reason);
    slot.handled = true;
    return slot;
  }

  /** The same, with what `makeReason()` returns. */
  static rejectedHandledWith(makeReason) {
    const slot = new PromiseSlot();
    slot.rejectHandledWith(makeReason);
    return slot;
  }

  resolve() {
    if (this.state !== 0) return;
    this.state = 1;
    if (this.promise !== undefined) ops.resolvePromise(this.promise, undefined);
    let reaction = this.reactions;
    if (reaction === undefined) return;
    this.reactions = undefined;
    for (; reaction !== undefined; reaction = reaction.next) ops.queueJobUnder(reaction.context, reaction.onFulfilled);
  }

  reject(reason) {
    if (this.state !== 0) return;
    this.state = 2;
    this.reason = reason;
    if (this.promise !== undefined) ops.rejectPromise(this.promise, reason);
    let reaction = this.reactions;
    this.reactions = undefined;
    for (; reaction !== undefined; reaction = reaction.next) {
      const { onRejected } = reaction;
      ops.queueJobUnder(reaction.context, () => onRejected(reason));
    }
  }

  /** Rejects, and sets [[PromiseIsHandled]]. */
  rejectHandled(reason) {
    if (this.state !== 0) return;
    this.handled = true;
    if (this.promise !== undefined) ops.markPromiseHandled(this.promise);
    this.reject(reason);
  }

  /** The same, with what `makeReason()` returns. */
  rejectHandledWith(makeReason) {
    if (this.promise !== undefined || this.reactions !== undefined) {
      this.rejectHandled(makeReason());
    } else if (this.state === 0) {
      this.state = 2;
      this.handled = true;
      this.makeReason = makeReason;
    }
  }

  get() {
    if (this.promise === undefined) this.promise = this.#make();
    return this.promise;
  }

  /** Neither function may throw. */
  react(onFulfilled, onRejected) {
    if (this.state === 1) {
      ops.queueJob(onFulfilled);
    } else if (this.state === 2 || this.promise !== undefined) {
      ops.react(this.get(), onFulfilled, onRejected);
    } else {
      const reaction = { context: ops.context(), onFulfilled, onRejected, next: undefined };
      let last = this.reactions;
      if (last === undefined) {
        this.reactions = reaction;
      } else {
        while (last.next !== undefined) last = last.next;
        last.next = reaction;
      }
    }
  }

  #make() {
    if (this.state === 1) return PromiseResolve(undefined);
    if (this.state === 2) {
      const promise = PromiseReject(this.makeReason === undefined ? this.reason : this.makeReason());
      if (this.handled) ops.markPromiseHandled(promise);
      return promise;
    }
    const promise = ops.newPromise();
    if (this.reactions !== undefined) this.#handOver(promise);
    return promise;
  }

  /** What waits goes first, before what a tenant adds, each under the context that it was added under. */
  #handOver(promise) {
    const context = ops.context();
    for (let reaction = this.reactions; reaction !== undefined; reaction = reaction.next) {
      ops.setContext(reaction.context);
      ops.react(promise, reaction.onFulfilled, reaction.onRejected);
    }
    ops.setContext(context);
    this.reactions = undefined;
  }
}

const slotPrototype = PromiseSlot.prototype;

/** A first-in first-out list. Linked, so that neither length nor a patched `Array.prototype` matters. */
export class List {
  head = undefined;
  tail = undefined;
  size = 0;

  get first() {
    return this.head.value;
  }

  append(value) {
    const node = { value, next: undefined };
    if (this.tail === undefined) this.head = node;
    else this.tail.next = node;
    this.tail = node;
    this.size++;
  }

  shift() {
    const { value, next } = this.head;
    this.head = next;
    if (next === undefined) this.tail = undefined;
    this.size--;
    return value;
  }
}

/** A queue-with-sizes (§8.1). */
export class SizedQueue {
  head = undefined;
  tail = undefined;
  totalSize = 0;

  get isEmpty() {
    return this.head === undefined;
  }

  enqueueValueWithSize(value, size) {
    if (typeof size !== 'number' || !(size >= 0) || size === Infinity) {
      throw new RangeError('The size of a chunk must be a finite, non-negative number');
    }
    const node = { value, size, next: undefined };
    if (this.tail === undefined) this.head = node;
    else this.tail.next = node;
    this.tail = node;
    this.totalSize += size;
  }

  dequeueValue() {
    const { value, size, next } = this.head;
    this.head = next;
    if (next === undefined) this.tail = undefined;
    // Sizes may be fractions whose sum does not cancel exactly.
    const total = this.totalSize - size;
    this.totalSize = total < 0 ? 0 : total;
    return value;
  }

  peekValue() {
    return this.head.value;
  }

  reset() {
    this.head = undefined;
    this.tail = undefined;
    this.totalSize = 0;
  }
}

/** Reads a dictionary member whose type is a callback function. */
export function callbackMember(dictionary, key, context) {
  const value = dictionary[key];
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${context}: member '${key}' is not a function`);
  return value;
}

/** Converts to a dictionary type: undefined and null are the empty dictionary. */
export function toDictionary(value, context) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${context} is not an object`);
  return value;
}

inheritNothing(Capability, PromiseSlot, List, SizedQueue);
