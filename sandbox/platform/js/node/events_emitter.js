// @ts-check
/** `EventEmitter` (https://nodejs.org/docs/latest-v20.x/api/events.html#class-eventemitter). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeSplice, ArrayPrototypeUnshift, Error, ObjectDefineProperties, ObjectDefineProperty,
  ObjectGetPrototypeOf, ReflectApply, ReflectOwnKeys, Symbol, SymbolFor,
} from '../primordials.js';
import { invalidArgType, plainError } from './errors.js';
import { validateBoolean, validateFunction, validateNumber } from './validators.js';

const kCapture = Symbol('kCapture');
export const errorMonitor = Symbol('events.errorMonitor');
export const captureRejectionSymbol = SymbolFor('nodejs.rejection');
const kShapeMode = Symbol('shapeMode');
const kMaxEventTargetListeners = Symbol('events.maxEventTargetListeners');

export const defaults = { __proto__: null, maxListeners: 10 };

/** @type {any} */
export function EventEmitter(opts) {
  ReflectApply(EventEmitter.init, this, [opts]);
}

EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;

const accessor = (get, set, enumerable) => ({ __proto__: null, get, set, enumerable, configurable: true });

ObjectDefineProperties(EventEmitter, {
  __proto__: null,
  captureRejections: accessor(
    () => EventEmitter.prototype[kCapture],
    (value) => {
      validateBoolean(value, 'EventEmitter.captureRejections');
      EventEmitter.prototype[kCapture] = value;
    },
    true,
  ),
  defaultMaxListeners: accessor(
    () => defaults.maxListeners,
    (value) => {
      validateNumber(value, 'defaultMaxListeners', 0);
      defaults.maxListeners = value;
    },
    true,
  ),
});
ObjectDefineProperty(EventEmitter.prototype, kCapture, { __proto__: null, value: false, writable: true, enumerable: false });

EventEmitter.init = function init(opts) {
  if (this._events === undefined || this._events === ObjectGetPrototypeOf(this)._events) {
    this._events = { __proto__: null };
    this._eventsCount = 0;
  }
  this._maxListeners = this._maxListeners || undefined;
  if (opts?.captureRejections) {
    validateBoolean(opts.captureRejections, 'options.captureRejections');
    this[kCapture] = !!opts.captureRejections;
  } else {
    this[kCapture] = EventEmitter.prototype[kCapture];
  }
};

/** With `captureRejections`, a promise that a listener returned is an error of the emitter when it rejects. */
function addCatch(emitter, promise, type, args) {
  if (!emitter[kCapture]) return;
  try {
    const { then } = promise;
    if (typeof then === 'function') {
      ReflectApply(then, promise, [
        undefined,
        (error) => lazy('./node/process.js').nextTick(emitUnhandledRejectionOrError, emitter, error, type, args),
      ]);
    }
  } catch (error) {
    emitter.emit('error', error);
  }
}

function emitUnhandledRejectionOrError(emitter, error, type, args) {
  if (typeof emitter[captureRejectionSymbol] === 'function') {
    emitter[captureRejectionSymbol](error, type, ...args);
    return;
  }
  // Else this error would be captured in turn, without end.
  const previous = emitter[kCapture];
  try {
    emitter[kCapture] = false;
    emitter.emit('error', error);
  } finally {
    emitter[kCapture] = previous;
  }
}

const maxListenersOf = (emitter) => (emitter._maxListeners === undefined ? defaults.maxListeners : emitter._maxListeners);

function unhandled(value) {
  if (value instanceof Error) return value;
  let text;
  try {
    text = lazy('./node/inspect.js').inspect(value);
  } catch {
    text = value;
  }
  return plainError('ERR_UNHANDLED_ERROR', `Unhandled error. (${text})`, { context: value });
}

function cloneList(list) {
  const copy = [];
  for (let i = 0; i < list.length; i++) ArrayPrototypePush(copy, list[i]);
  return copy;
}

function addListener(target, type, listener, prepend) {
  validateFunction(listener, 'listener');
  let events = target._events;
  let existing;
  if (events === undefined) {
    events = target._events = { __proto__: null };
    target._eventsCount = 0;
  } else {
    // Told before it is there, so that a listener of 'newListener' does not see itself added.
    if (events.newListener !== undefined) {
      target.emit('newListener', type, listener.listener ?? listener);
      events = target._events;
    }
    existing = events[type];
  }
  if (existing === undefined) {
    events[type] = listener;
    ++target._eventsCount;
    return target;
  }
  if (typeof existing === 'function') existing = events[type] = prepend ? [listener, existing] : [existing, listener];
  else if (prepend) ArrayPrototypeUnshift(existing, listener);
  else ArrayPrototypePush(existing, listener);

  const max = maxListenersOf(target);
  if (max > 0 && existing.length > max && !existing.warned) {
    existing.warned = true;
    warnOfLeak(target, type, existing.length, max);
  }
  return target;
}

function warnOfLeak(target, type, count, max) {
  const shown = lazy('./node/inspect.js').inspect(target, { depth: -1 });
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${count} ${typeof type === 'symbol' ? `${SymbolToString(type)}` : type} listeners added to ${shown}. MaxListeners is ${max}. Use emitter.setMaxListeners() to increase limit`,
  );
  warning.name = 'MaxListenersExceededWarning';
  const details = /** @type {any} */ (warning);
  details.emitter = target;
  details.type = type;
  details.count = count;
  lazy('./node/process.js').emitWarning(warning);
}

const SymbolToString = (symbol) => `Symbol(${symbol.description ?? ''})`;

function onceWrapper(target, type, listener) {
  let fired = false;
  const wrapped = function (...args) {
    if (fired) return undefined;
    target.removeListener(type, wrapped);
    fired = true;
    return ReflectApply(listener, target, args);
  };
  wrapped.listener = listener;
  return wrapped;
}

function listenersOf(target, type, unwrapped) {
  const list = target._events?.[type];
  if (list === undefined) return [];
  if (typeof list === 'function') return [unwrapped ? list.listener || list : list];
  const copy = [];
  for (let i = 0; i < list.length; i++) ArrayPrototypePush(copy, unwrapped ? list[i].listener || list[i] : list[i]);
  return copy;
}

const methods = {
  setMaxListeners(n) {
    validateNumber(n, 'setMaxListeners', 0);
    this._maxListeners = n;
    return this;
  },

  getMaxListeners() {
    return maxListenersOf(this);
  },

  emit(type, ...args) {
    let isError = type === 'error';
    const events = this._events;
    if (events !== undefined) {
      if (isError && events[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
      isError = isError && events.error === undefined;
    } else if (!isError) {
      return false;
    }
    if (isError) throw unhandled(args[0]);
    const handler = events[type];
    if (handler === undefined) return false;
    if (typeof handler === 'function') {
      const result = ReflectApply(handler, this, args);
      if (result !== undefined && result !== null) addCatch(this, result, type, args);
      return true;
    }
    const listeners = cloneList(handler);
    for (let i = 0; i < listeners.length; i++) {
      const result = ReflectApply(listeners[i], this, args);
      if (result !== undefined && result !== null) addCatch(this, result, type, args);
    }
    return true;
  },

  addListener(type, listener) {
    return addListener(this, type, listener, false);
  },

  prependListener(type, listener) {
    return addListener(this, type, listener, true);
  },

  once(type, listener) {
    validateFunction(listener, 'listener');
    this.on(type, onceWrapper(this, type, listener));
    return this;
  },

  prependOnceListener(type, listener) {
    validateFunction(listener, 'listener');
    this.prependListener(type, onceWrapper(this, type, listener));
    return this;
  },

  removeListener(type, listener) {
    validateFunction(listener, 'listener');
    const events = this._events;
    if (events === undefined) return this;
    const list = events[type];
    if (list === undefined) return this;
    if (list === listener || list.listener === listener) {
      this._eventsCount -= 1;
      if (this[kShapeMode]) events[type] = undefined;
      else if (this._eventsCount === 0) this._events = { __proto__: null };
      else delete events[type];
      if (events.removeListener) this.emit('removeListener', type, list.listener || listener);
      return this;
    }
    if (typeof list === 'function') return this;
    let position = -1;
    for (let i = list.length - 1; i >= 0; i--) {
      if (list[i] === listener || list[i].listener === listener) {
        position = i;
        break;
      }
    }
    if (position < 0) return this;
    if (position === 0) ArrayPrototypeShift(list);
    else ArrayPrototypeSplice(list, position, 1);
    if (list.length === 1) events[type] = list[0];
    if (events.removeListener !== undefined) this.emit('removeListener', type, listener);
    return this;
  },

  removeAllListeners(type) {
    const events = this._events;
    if (events === undefined) return this;
    if (events.removeListener === undefined) {
      if (arguments.length === 0) {
        this._events = { __proto__: null };
        this._eventsCount = 0;
      } else if (events[type] !== undefined) {
        if (--this._eventsCount === 0) this._events = { __proto__: null };
        else delete events[type];
      }
      return this;
    }
    // Somebody listens for removals: each is told.
    if (arguments.length === 0) {
      const keys = ReflectOwnKeys(events);
      for (let i = 0; i < keys.length; i++) if (keys[i] !== 'removeListener') this.removeAllListeners(keys[i]);
      this.removeAllListeners('removeListener');
      this._events = { __proto__: null };
      this._eventsCount = 0;
      return this;
    }
    const listeners = events[type];
    if (typeof listeners === 'function') this.removeListener(type, listeners);
    else if (listeners !== undefined) for (let i = listeners.length - 1; i >= 0; i--) this.removeListener(type, listeners[i]);
    return this;
  },

  listeners(type) {
    return listenersOf(this, type, true);
  },

  rawListeners(type) {
    return listenersOf(this, type, false);
  },

  listenerCount(type, listener) {
    const list = this._events?.[type];
    if (list === undefined) return 0;
    if (typeof list === 'function') return listener === undefined || listener === null || listener === list || listener === list.listener ? 1 : 0;
    if (listener === undefined || listener === null) return list.length;
    let count = 0;
    for (let i = 0; i < list.length; i++) if (list[i] === listener || list[i].listener === listener) count++;
    return count;
  },

  eventNames() {
    return this._eventsCount > 0 ? ReflectOwnKeys(this._events) : [];
  },
};

const names = ReflectOwnKeys(methods);
for (let i = 0; i < names.length; i++) EventEmitter.prototype[names[i]] = methods[names[i]];
EventEmitter.prototype.on = EventEmitter.prototype.addListener;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

// The static members.

/** Most listeners of each `EventTarget` that has a limit of its own. */
export function setMaxListeners(n = defaults.maxListeners, ...eventTargets) {
  validateNumber(n, 'setMaxListeners', 0);
  if (eventTargets.length === 0) {
    defaults.maxListeners = n;
    return;
  }
  for (let i = 0; i < eventTargets.length; i++) {
    const target = eventTargets[i];
    if (isEventTarget(target)) ObjectDefineProperty(target, kMaxEventTargetListeners, { __proto__: null, value: n, configurable: true, writable: true });
    else if (typeof target.setMaxListeners === 'function') target.setMaxListeners(n);
    else throw invalidArgType('eventTargets', ['EventEmitter', 'EventTarget'], target);
  }
}

export function getMaxListeners(emitterOrTarget) {
  if (typeof emitterOrTarget?.getMaxListeners === 'function') return maxListenersOf(emitterOrTarget);
  if (isEventTarget(emitterOrTarget)) return emitterOrTarget[kMaxEventTargetListeners] ?? defaults.maxListeners;
  throw invalidArgType('emitter', ['EventEmitter', 'EventTarget'], emitterOrTarget);
}

export function getEventListeners(emitterOrTarget, type) {
  if (typeof emitterOrTarget?.listeners === 'function') return emitterOrTarget.listeners(type);
  if (isEventTarget(emitterOrTarget)) return lazy('./event.js').eventListenersOf(emitterOrTarget, type);
  throw invalidArgType('emitter', ['EventEmitter', 'EventTarget'], emitterOrTarget);
}

export function listenerCount(emitter, type) {
  if (typeof emitter.listenerCount === 'function') return emitter.listenerCount(type);
  return ReflectApply(methods.listenerCount, emitter, [type]);
}

export function isEventTarget(value) {
  return typeof value?.addEventListener === 'function' && typeof value.removeEventListener === 'function';
}

