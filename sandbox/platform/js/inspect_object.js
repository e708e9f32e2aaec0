// @ts-check
/**
 * Questions about an object that are answered without running its code. Part of inspect.js.
 */

import { ops } from './ops.js';
import { ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf } from './primordials.js';

/** How far a prototype chain is followed; a tenant can make one of any length. */
export const maxChain = 50;

/** The value of a string-valued data property of `object` or its prototypes; undefined if there is none. */
export function stringProperty(object, key) {
  for (let i = 0; i < maxChain && object !== null && !isProxy(object); i++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
    if (descriptor !== undefined) return typeof descriptor.value === 'string' ? descriptor.value : undefined;
    object = ObjectGetPrototypeOf(object);
  }
  return undefined;
}

/** The name of the nearest constructor on the prototype chain; null if there is none. */
export function constructorName(object) {
  for (let i = 0; i < maxChain && object !== null && !isProxy(object); i++) {
    const constructor = ObjectGetOwnPropertyDescriptor(object, 'constructor')?.value;
    if (typeof constructor === 'function' && !isProxy(constructor)) {
      const name = ObjectGetOwnPropertyDescriptor(constructor, 'name')?.value;
      if (typeof name === 'string' && name !== '') return name;
    }
    object = ObjectGetPrototypeOf(object);
  }
  return null;
}

export function isProxy(object) {
  return ops.classOf(object) === 'Proxy';
}
