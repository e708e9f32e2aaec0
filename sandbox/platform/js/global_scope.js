// @ts-check
/**
 * Members of the global object that belong to no file of their own: WindowOrWorkerGlobalScope
 * (https://html.spec.whatwg.org/multipage/webappapis.html#windoworworkerglobalscope-mixin), the methods
 * of EventTarget, and the event handlers of WorkerGlobalScope. What concerns events is loaded when first
 * called.
 */

import { ifLoaded, lazy } from './lazy.js';
import { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectApply } from './primordials.js';
import { converters, requiredArguments } from './webidl.js';

const global = globalThis;
const events = () => lazy('./event.js');

export const self = global;
/** What Node.js calls it. */
export { global };

export function queueMicrotask(callback) {
  const prefix = "Failed to execute 'queueMicrotask'";
  requiredArguments(arguments.length, 1, prefix);
  runInMicrotask(converters.Function(callback, prefix, 'Argument 1'));
}

export function reportError(error) {
  requiredArguments(arguments.length, 1, "Failed to execute 'reportError'");
  events().reportException(error);
}

export function addEventListener(_type, _callback, _options = undefined) {
  ReflectApply(events().addEventListener, this, arguments);
}

export function removeEventListener(_type, _callback, _options = undefined) {
  ReflectApply(events().removeEventListener, this, arguments);
}

export function dispatchEvent(_event) {
  return ReflectApply(events().dispatchEvent, this, arguments);
}

// Event handlers are accessors, which this module defines on the global object when the first is looked
// up; their value is then null.
export const onerror = null;
export const onrejectionhandled = null;
export const onunhandledrejection = null;
defineGlobalEventHandler('onerror', 'error');
defineGlobalEventHandler('onrejectionhandled', 'rejectionhandled');
defineGlobalEventHandler('onunhandledrejection', 'unhandledrejection');

function defineGlobalEventHandler(name, type) {
  const accessor = {
    get [name]() {
      const loaded = ifLoaded('./event.js');
      return loaded === undefined ? null : loaded.getEventHandler(global, type);
    },
    set [name](value) {
      events().setEventHandler(global, type, value);
    },
  };
  const { get, set } = ObjectGetOwnPropertyDescriptor(accessor, name);
  ObjectDefineProperty(global, name, { __proto__: null, get, set, enumerable: true, configurable: true });
}

/** An await of no promise reads no property that a tenant could have replaced. */
async function runInMicrotask(callback) {
  await undefined;
  try {
    callback();
  } catch (error) {
    events().reportException(error);
  }
}
