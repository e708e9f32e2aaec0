// @ts-check
/**
 * Events of the DOM Standard (https://dom.spec.whatwg.org/#events). There is no tree: an event's path
 * is its target alone.
 */

import { ifLoaded, lazy } from './lazy.js';
import { ops } from './ops.js';
import { ArrayPrototypePush, ObjectDefineProperty, ReflectApply, ReflectGetOwnPropertyDescriptor, TypeError } from './primordials.js';
import {
  configureInterface, conversionError, converters, createDOMException, createDictionaryConverter, defineConstants, requiredArguments,
} from './webidl.js';

/** The members of EventInit; dictionaries of derived events start with this list. */
export const eventInitMembers = () => [
  { key: 'bubbles', converter: converters.boolean, defaultValue: () => false },
  { key: 'cancelable', converter: converters.boolean, defaultValue: () => false },
  { key: 'composed', converter: converters.boolean, defaultValue: () => false },
];

const toEventInit = createDictionaryConverter('EventInit', eventInitMembers());

// Internal doors to the private fields, filled by the classes' static blocks.

/** Whether `value` is an Event. */
let isEvent;
/** Marks an event that the platform, not tenant code, makes: `setIsTrusted(event)` returns it. */
export let setIsTrusted;
/** "Initialize" an event again; false, and nothing done, while it is being dispatched. */
export let initializeEvent;
/** Gives an event the members of a converted EventInit: a derived event converts its own dictionary, once. */
export let takeEventInit;
let eventState;

const NONE = 0;
const AT_TARGET = 2;

// Flags of an event, in one number: few fields are made sooner.
const BUBBLES = 1;
const CANCELABLE = 2;
const COMPOSED = 4;
const TRUSTED = 8;
const DISPATCHING = 16;
const STOP_PROPAGATION = 32;
const STOP_IMMEDIATE_PROPAGATION = 64;
const CANCELED = 128;
const IN_PASSIVE_LISTENER = 256;

export class Event {
  #type;
  #flags = 0;
  /** While the event is dispatched, its current target too: there is no other in its path. */
  #target = null;
  #timeStamp = ops.now();

  constructor(type, eventInitDict = undefined) {
    const prefix = "Failed to construct 'Event'";
    requiredArguments(arguments.length, 1, prefix);
    this.#type = converters.DOMString(type, prefix, 'Argument 1');
    if (eventInitDict !== undefined && eventInitDict !== null) {
      takeEventInit(this, toEventInit(eventInitDict, prefix, 'Argument 2'));
    }
    ObjectDefineProperty(this, 'isTrusted', isTrustedDescriptor);
  }

  get type() {
    return this.#type;
  }

  get target() {
    return this.#target;
  }

  get srcElement() {
    return this.#target;
  }

  get currentTarget() {
    return this.#flags & DISPATCHING ? this.#target : null;
  }

  composedPath() {
    return this.#flags & DISPATCHING ? [this.#target] : [];
  }

  get eventPhase() {
    return this.#flags & DISPATCHING ? AT_TARGET : NONE;
  }

  stopPropagation() {
    this.#flags |= STOP_PROPAGATION;
  }

  get cancelBubble() {
    return (this.#flags & STOP_PROPAGATION) !== 0;
  }

  set cancelBubble(value) {
    this.#flags |= value ? STOP_PROPAGATION : 0;
  }

  stopImmediatePropagation() {
    this.#flags |= STOP_PROPAGATION | STOP_IMMEDIATE_PROPAGATION;
  }

  get bubbles() {
    return (this.#flags & BUBBLES) !== 0;
  }

  get cancelable() {
    return (this.#flags & CANCELABLE) !== 0;
  }

  get returnValue() {
    return (this.#flags & CANCELED) === 0;
  }

  set returnValue(value) {
    const flags = this.#flags;
    if (!value) this.#flags = canceled(flags);
  }

  preventDefault() {
    this.#flags = canceled(this.#flags);
  }

  get defaultPrevented() {
    return (this.#flags & CANCELED) !== 0;
  }

  get composed() {
    return (this.#flags & COMPOSED) !== 0;
  }

  get timeStamp() {
    return this.#timeStamp;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    const prefix = "Failed to execute 'initEvent' on 'Event'";
    this.#type;
    requiredArguments(arguments.length, 1, prefix);
    initializeEvent(this, converters.DOMString(type, prefix, 'Argument 1'), !!bubbles, !!cancelable);
  }

  static {
    isEvent = (value) => typeof value === 'object' && value !== null && #type in value;
    setIsTrusted = (event) => {
      event.#flags |= TRUSTED;
      return event;
    };
    takeEventInit = (event, init) => {
      event.#flags = (init.bubbles ? BUBBLES : 0) | (init.cancelable ? CANCELABLE : 0) | (init.composed ? COMPOSED : 0);
    };
    initializeEvent = (event, type, bubbles, cancelable) => {
      if (event.#flags & DISPATCHING) return false;
      event.#flags = (event.#flags & COMPOSED) | (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0);
      event.#target = null;
      event.#type = type;
      return true;
    };
    eventState = {
      __proto__: null,
      isTrusted: (event) => (event.#flags & TRUSTED) !== 0,
      type: (event) => event.#type,
      canceled: (event) => (event.#flags & CANCELED) !== 0,
      stopped: (event) => (event.#flags & STOP_PROPAGATION) !== 0,
      stoppedImmediately: (event) => (event.#flags & STOP_IMMEDIATE_PROPAGATION) !== 0,
      dispatching: (event) => (event.#flags & DISPATCHING) !== 0,
      cancel(event) {
        event.#flags = canceled(event.#flags);
      },
      clearTrust(event) {
        event.#flags &= ~TRUSTED;
      },
      begin(event, target) {
        event.#flags |= DISPATCHING;
        event.#target = target;
      },
      end(event) {
        event.#flags &= ~(DISPATCHING | STOP_PROPAGATION | STOP_IMMEDIATE_PROPAGATION);
      },
      setInPassiveListener(event, passive) {
        if (passive) event.#flags |= IN_PASSIVE_LISTENER;
        else event.#flags &= ~IN_PASSIVE_LISTENER;
      },
    };
  }
}

/** "Set the canceled flag". */
function canceled(flags) {
  return (flags & (CANCELABLE | IN_PASSIVE_LISTENER)) === CANCELABLE ? flags | CANCELED : flags;
}

const isTrustedDescriptor = {
  __proto__: null,
  ...ReflectGetOwnPropertyDescriptor(
    {
      get isTrusted() {
        return eventState.isTrusted(this);
      },
    },
    'isTrusted',
  ),
  enumerable: true,
  configurable: false,
};

configureInterface(Event, { length: 1, inspectable: ['type', 'cancelable', 'defaultPrevented', 'timeStamp'] });
defineConstants(Event, { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

/**
 * What abort.js lends to listeners with a `signal`; it cannot be imported, because AbortSignal is an
 * EventTarget. Without abort.js no signal exists.
 */
let abortHooks = { __proto__: null, isAbortSignal: (_value) => false, aborted: undefined, add: undefined, listenersChanged: undefined };

/** For abort.js alone. */
export function setAbortHooks(hooks) {
  abortHooks = hooks;
}

const global = globalThis;
/** The global object is an EventTarget, but private fields cannot be put onto it: its listeners live here. */
let globalListeners;
let globalRemoved = 0;

/** Whether `value` is an EventTarget. */
export let isEventTarget;
/** Whether `target` has a listener (or event handler) for `type`: without one, no event need be made. */
export let hasEventListener;
let getListeners;
let setListeners;
/** How many of the target's listeners are removed and still in its array, with one more. */
let countRemoved;

/**
 * A listener: `{ type, callback, capture, once, passive, removed, handler }`. `handler` marks the
 * listener of an event handler attribute, whose callback may be replaced in place.
 */
export class EventTarget {
  #listeners = undefined;
  #removed = 0;

  addEventListener(type, callback, options = undefined) {
    const prefix = "Failed to execute 'addEventListener' on 'EventTarget'";
    const target = thisTarget(this);
    requiredArguments(arguments.length, 2, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    callback = toCallback(callback, prefix);
    const { capture, once, passive, signal } = flattenMore(options, prefix);
    if (signal !== null && abortHooks.aborted(signal)) return;
    if (callback === null) return;
    const listener = { type, callback, capture, once, passive, removed: false, handler: false };
    if (!addListener(target, listener)) return;
    if (signal !== null) abortHooks.add(signal, () => removeListener(target, listener));
  }

  removeEventListener(type, callback, options = undefined) {
    const prefix = "Failed to execute 'removeEventListener' on 'EventTarget'";
    const target = thisTarget(this);
    requiredArguments(arguments.length, 2, prefix);
    type = converters.DOMString(type, prefix, 'Argument 1');
    callback = toCallback(callback, prefix);
    const capture = flatten(options);
    const listeners = getListeners(target);
    if (listeners === undefined) return;
    for (let i = 0; i < listeners.length; i++) {
      if (sameListener(listeners[i], type, callback, capture)) return removeListener(target, listeners[i]);
    }
  }

  dispatchEvent(event) {
    const prefix = "Failed to execute 'dispatchEvent' on 'EventTarget'";
    const target = thisTarget(this);
    requiredArguments(arguments.length, 1, prefix);
    if (!isEvent(event)) throw conversionError("is not of type 'Event'.", prefix, 'Argument 1');
    if (eventState.dispatching(event)) throw createDOMException('The event is already being dispatched.', 'InvalidStateError');
    eventState.clearTrust(event);
    return dispatch(target, event);
  }

  static {
    isEventTarget = (value) => typeof value === 'object' && value !== null && (#listeners in value || value === global);
    getListeners = (target) => (target === global ? globalListeners : target.#listeners);
    setListeners = (target, listeners) => {
      if (target === global) {
        globalListeners = listeners;
        globalRemoved = 0;
      } else {
        target.#listeners = listeners;
        target.#removed = 0;
      }
    };
    countRemoved = (target) => (target === global ? ++globalRemoved : ++target.#removed);
    hasEventListener = (target, type) => {
      const listeners = getListeners(target);
      if (listeners === undefined) return false;
      for (let i = 0; i < listeners.length; i++) if (!listeners[i].removed && listeners[i].type === type) return true;
      return false;
    };
  }
}

configureInterface(EventTarget);

/** The callbacks that wait for `type`, for `getEventListeners` of node:events. */
export function eventListenersOf(target, type) {
  const callbacks = [];
  const listeners = getListeners(target);
  for (let i = 0; i < (listeners?.length ?? 0); i++) if (!listeners[i].removed && listeners[i].type === type) ArrayPrototypePush(callbacks, listeners[i].callback);
  return callbacks;
}

/** The methods as they were before tenant code ran; without a receiver they mean the global object. */
export const { addEventListener, dispatchEvent, removeEventListener } = EventTarget.prototype;

/** "Dispatch": runs the listeners of `target`; false when the event was canceled. Keeps `isTrusted`. */
export function dispatch(target, event) {
  eventState.begin(event, target);
  // A target that is the whole path is visited twice: once for capturing listeners, once for the others.
  innerInvoke(target, event, true);
  innerInvoke(target, event, false);
  eventState.end(event);
  return !eventState.canceled(event);
}

/** "Fire an event": dispatches a trusted `Event` named `type`, if anyone listens. */
export function fireEvent(target, type) {
  if (hasEventListener(target, type)) dispatch(target, setIsTrusted(new Event(type)));
}

/** "Report an exception": the global's `error` listeners come first, then Node's; what they leave goes to the log. */
export function reportException(error) {
  if (!reporting) {
    reporting = true;
    try {
      if (isTakenCareOf(error)) return;
    } finally {
      reporting = false;
    }
  }
  ops.reportException(error);
}

function isTakenCareOf(error) {
  if (hasEventListener(global, 'error')) {
    const event = lazy('./event_types.js').createErrorEvent(error);
    if (!dispatch(global, setIsTrusted(event))) return true;
  }
  return ifLoaded('./node/process.js') !== undefined && lazy('./node/process_events.js').emitException(error);
}
/** "In error reporting mode": an error in an `error` listener is not dispatched again. */
let reporting = false;

/** Adds an event handler attribute `on<type>` to an interface; `afterSet(target)` runs whenever it was set. */
export function defineEventHandler(prototype, type, afterSet = undefined) {
  const name = `on${type}`;
  const descriptor = ReflectGetOwnPropertyDescriptor(
    {
      get [name]() {
        return getEventHandler(thisTarget(this), type);
      },
      set [name](value) {
        const target = thisTarget(this);
        setEventHandler(target, type, value);
        if (afterSet !== undefined) afterSet(target);
      },
    },
    name,
  );
  ObjectDefineProperty(prototype, name, { __proto__: null, ...descriptor, enumerable: true, configurable: true });
}

/** The event handler of `target` for `type`, or null. */
export function getEventHandler(target, type) {
  const listener = findHandler(target, type);
  return listener === undefined ? null : listener.callback;
}

/** Sets an event handler; whatever is no object takes it away. */
export function setEventHandler(target, type, value) {
  const callback = (typeof value === 'object' && value !== null) || typeof value === 'function' ? value : null;
  const listener = findHandler(target, type);
  if (callback === null) {
    if (listener !== undefined) removeListener(target, listener);
  } else if (listener !== undefined) {
    listener.callback = callback;
  } else {
    addListener(target, { type, callback, capture: false, once: false, passive: false, removed: false, handler: true });
  }
}

/** The receiver of a method: the global functions are called without one. */
function thisTarget(value) {
  const target = value === undefined || value === null ? global : value;
  if (!isEventTarget(target)) throw new TypeError('Illegal invocation');
  return target;
}

function toCallback(callback, prefix) {
  if (typeof callback === 'function' || typeof callback === 'object') return callback;
  if (callback === undefined) return null;
  throw conversionError('is not an object.', prefix, 'Argument 2');
}

/** "Flatten": the capture flag. */
function flatten(options) {
  if ((typeof options === 'object' && options !== null) || typeof options === 'function') return !!options.capture;
  return !!options;
}

/** "Flatten more": the members in the order in which Web IDL reads them. */
function flattenMore(options, prefix) {
  if ((typeof options !== 'object' || options === null) && typeof options !== 'function') {
    return { capture: !!options, once: false, passive: false, signal: null };
  }
  const capture = !!options.capture;
  const once = !!options.once;
  const passive = !!options.passive;
  let { signal } = options;
  if (signal === undefined) signal = null;
  else if (!abortHooks.isAbortSignal(signal)) throw conversionError("is not of type 'AbortSignal'.", prefix, "'signal' of 'AddEventListenerOptions'");
  return { capture, once, passive, signal };
}

function sameListener(listener, type, callback, capture) {
  return !listener.removed && !listener.handler && listener.type === type && listener.callback === callback && listener.capture === capture;
}

/** Appends unless an equal listener is there; whether it did. */
function addListener(target, listener) {
  const listeners = getListeners(target);
  if (listeners === undefined) {
    setListeners(target, [listener]);
  } else {
    for (let i = 0; i < listeners.length; i++) {
      if (!listener.handler && sameListener(listeners[i], listener.type, listener.callback, listener.capture)) return false;
    }
    ArrayPrototypePush(listeners, listener);
  }
  if (listener.type === 'abort' && abortHooks.isAbortSignal(target)) abortHooks.listenersChanged(target);
  return true;
}

function removeListener(target, listener) {
  if (listener.removed) return;
  listener.removed = true;
  const listeners = getListeners(target);
  // A long list keeps what is removed until that is half of it: all of n listeners may be there for one event each.
  if (listeners.length < 16 || 2 * countRemoved(target) > listeners.length) {
    const rest = [];
    for (let i = 0; i < listeners.length; i++) if (!listeners[i].removed) ArrayPrototypePush(rest, listeners[i]);
    setListeners(target, rest.length === 0 ? undefined : rest);
  }
  if (listener.type === 'abort' && abortHooks.isAbortSignal(target)) abortHooks.listenersChanged(target);
}

/** "Inner invoke", for the listeners that were there when the phase began. */
function innerInvoke(target, event, capture) {
  if (eventState.stopped(event)) return;
  const listeners = getListeners(target);
  if (listeners === undefined) return;
  const type = eventState.type(event);
  // Removal marks a listener or replaces the array, and addition appends to it, so array and length are the spec's clone.
  const { length } = listeners;
  for (let i = 0; i < length; i++) {
    const listener = listeners[i];
    if (listener.removed || listener.type !== type || listener.capture !== capture) continue;
    if (listener.passive) eventState.setInPassiveListener(event, true);
    callListener(listener, target, event);
    if (listener.passive) eventState.setInPassiveListener(event, false);
    if (eventState.stoppedImmediately(event)) return;
  }
}

function callListener(listener, target, event) {
  const { callback } = listener;
  try {
    if (listener.once) removeListener(target, listener);
    if (listener.handler) callHandler(callback, target, event);
    else if (typeof callback === 'function') ReflectApply(callback, target, [event]);
    else callHandleEvent(callback, event);
  } catch (error) {
    reportException(error);
  }
}

function callHandleEvent(callback, event) {
  const { handleEvent } = callback;
  if (typeof handleEvent !== 'function') throw new TypeError("'handleEvent' of the event listener is not a function.");
  ReflectApply(handleEvent, callback, [event]);
}

/** "The event handler processing algorithm"; the global's `onerror` gets the parts of the error and cancels with true. */
function callHandler(callback, target, event) {
  if (typeof callback !== 'function') return;
  const parts = target === global && eventState.type(event) === 'error' ? lazy('./event_types.js').errorParts(event) : undefined;
  if (parts !== undefined) {
    if (ReflectApply(callback, target, parts) === true) eventState.cancel(event);
  } else if (ReflectApply(callback, target, [event]) === false) {
    eventState.cancel(event);
  }
}

function findHandler(target, type) {
  const listeners = getListeners(target);
  if (listeners === undefined) return undefined;
  for (let i = 0; i < listeners.length; i++) if (!listeners[i].removed && listeners[i].handler && listeners[i].type === type) return listeners[i];
  return undefined;
}
