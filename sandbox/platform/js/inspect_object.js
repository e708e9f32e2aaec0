// @ts-check
/**
 * Questions about an object that are answered without running its code. Part of inspect.js.
 */

import { ops } from './ops.js';
import { ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn } from './primordials.js';

/** How far a prototype chain is followed; a tenant can make one of any length. */
export const maxChain = 50;

/** The value of a string-valued data property of `object` or its prototypes; undefined if there is none. */
export function stringProperty(object, key) {
  for (let i = 0; i < maxChain && object !== null && !isProxy(object); i++) {
    if (ObjectHasOwn(object, key)) {
      const value = ownValue(object, key);
      return typeof value === 'string' ? value : undefined;
    }
    object = ObjectGetPrototypeOf(object);
  }
  return undefined;
}

/** The name of the nearest constructor on the prototype chain; null if there is none. */
export function constructorName(object) {
  for (let i = 0; i < maxChain && object !== null && !isProxy(object); i++) {
    const constructor = ownValue(object, 'constructor');
    if (typeof constructor === 'function' && !isProxy(constructor)) {
      const name = ownValue(constructor, 'name');
      if (typeof name === 'string' && name !== '') return name;
    }
    object = ObjectGetPrototypeOf(object);
  }
  return null;
}

/** The value of an own data property; undefined if there is none. The descriptor of an accessor would inherit what a tenant put on `Object.prototype`. */
export function ownValue(object, key) {
  const descriptor = ObjectGetOwnPropertyDescriptor(object, key);
  return descriptor !== undefined && ObjectHasOwn(descriptor, 'value') ? descriptor.value : undefined;
}

export function isProxy(object) {
  return ops.classOf(object) === 'Proxy';
}
