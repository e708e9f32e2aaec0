// @ts-check
/** For modules that are there by name alone: code that imports them runs until it calls one of their functions. */

import { ObjectDefineProperty, PromiseReject } from '../primordials.js';
import { notAvailable } from './errors.js';

function stub(name, promised) {
  // Not an arrow: packages inherit from such classes while they are loaded.
  function unavailable() {
    const error = notAvailable(name);
    if (promised) return PromiseReject(error);
    throw error;
  }
  return unavailable;
}

/** An object with these functions; each throws an error that names it, or gives a promise of it. */
export function stubs(module, names, promised = false) {
  const object = {};
  for (let i = 0; i < names.length; i++) {
    object[names[i]] = stub(`node:${module}.${names[i]}`, promised);
    ObjectDefineProperty(object[names[i]], 'name', { __proto__: null, value: names[i], configurable: true });
  }
  return object;
}

