// @ts-check
/**
 * The part of Web IDL (https://webidl.spec.whatwg.org/) that every isolate needs: the shape of interface objects. The
 * conversions are in `webidl.js`, which an isolate evaluates when it first has to convert something.
 */

import { ops } from './ops.js';
import {
  ArrayPrototypePush, Map, MapPrototypeGet, MapPrototypeSet, ObjectDefineProperty, ReflectGetOwnPropertyDescriptor, SymbolToStringTag, TypeError,
} from './primordials.js';

/**
 * What the platform passes to constructors that tenant code may not call. No tenant may get it, so it is never an argument
 * of `super()`: what a class extends can be exchanged.
 */
export const privateToken = { __proto__: null };

/** Guards a constructor without IDL constructor steps: `if (token !== privateToken) illegalConstructor();`. */
export function illegalConstructor() {
  throw new TypeError('Illegal constructor');
}

/** Throws a TypeError unless at least `required` arguments were passed. */
export function requiredArguments(length, required, prefix) {
  if (length >= required) return;
  const plural = required === 1 ? '' : 's';
  throw new TypeError(`${prefix}: ${required} argument${plural} required, but only ${length} present.`);
}

/**
 * Gives a class the shape of a Web IDL interface: enumerable members, `Symbol.toStringTag`.
 * `name`: the interface's name, by default the class's. `length`: of the interface object, by default
 * the constructor's. `inspectable`: the own attributes that `console.log` shows; reading them must have
 * no effect. All members become enumerable: those meant for the platform alone belong into private fields.
 */
export function configureInterface(Class, options = undefined) {
  // What is left out is not looked up on `Object.prototype`.
  const { name = Class.name, length = Class.length, inspectable } = { __proto__: null, ...options };
  const { prototype } = Class;
  MapPrototypeSet(inspections, prototype, { getters: inspectable === undefined ? undefined : ownGetters(prototype, inspectable), getEntries: undefined });
  ops.makeEnumerable(Class);
  if (length !== Class.length) ObjectDefineProperty(Class, 'length', { __proto__: null, value: length });
  if (name !== Class.name) ObjectDefineProperty(Class, 'name', { __proto__: null, value: name });
  setToStringTag(prototype, name);
}

/** prototype → `{ getters: [name, function, …] or undefined, getEntries or undefined }`, as tenant code found them. */
const inspections = new Map();

/** How to show instances of the platform interface with this prototype; undefined if there is no such interface. */
export function inspectionOf(prototype) {
  return MapPrototypeGet(inspections, prototype);
}

function ownGetters(prototype, names) {
  const getters = [];
  for (let i = 0; i < names.length; i++) {
    ArrayPrototypePush(getters, names[i], ReflectGetOwnPropertyDescriptor(prototype, names[i]).get);
  }
  return getters;
}

export function setToStringTag(prototype, name) {
  ObjectDefineProperty(prototype, SymbolToStringTag, { __proto__: null, value: name, writable: false, enumerable: false, configurable: true });
}
