// @ts-check
/**
 * Serializable and transferable objects of the platform
 * (https://html.spec.whatwg.org/multipage/structured-data.html#serializable-objects). A class registers when
 * it is loaded: before that, it has no instances.
 */

import { ArrayPrototypePush, ErrorPrototypeGetStack, ObjectDefineProperty, ObjectHasOwn, ReflectGetOwnPropertyDescriptor } from './primordials.js';

const serializables = [];
const transferables = [];

/**
 * @param {(value: any) => boolean} isInstance
 * @param {(value: any) => any} clone "serialization steps" and "deserialization steps" in one
 */
export function registerSerializable(isInstance, clone) {
  ArrayPrototypePush(serializables, { __proto__: null, isInstance, clone });
}

/**
 * @param {(value: any) => boolean} isInstance
 * @param {(value: any) => boolean} isDetached
 * @param {(value: any) => any} transfer "transfer steps" and "transfer-receiving steps" in one; may throw a DataCloneError
 */
export function registerTransferable(isInstance, isDetached, transfer) {
  ArrayPrototypePush(transferables, { __proto__: null, isInstance, isDetached, transfer });
}

/** What was registered for the class of `value`; undefined if its class is not serializable. */
export function serializableOf(value) {
  return find(serializables, value);
}

/** What was registered for the class of `value`; undefined if its class is not transferable. */
export function transferableOf(value) {
  return find(transferables, value);
}

function find(registered, value) {
  for (let i = 0; i < registered.length; i++) if (registered[i].isInstance(value)) return registered[i];
  return undefined;
}

/** Gives the clone of an error the stack of what it was cloned from. */
export function copyStack(error, copy) {
  const own = ReflectGetOwnPropertyDescriptor(error, 'stack');
  const value = own === undefined ? ErrorPrototypeGetStack?.(error) : ObjectHasOwn(own, 'value') ? own.value : undefined;
  if (typeof value !== 'string') return;
  ObjectDefineProperty(copy, 'stack', { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}
