// @ts-check
/**
 * Web IDL (https://webidl.spec.whatwg.org/): conversions from JavaScript values to IDL types, and, from
 * `webidl_core.js`, the shape of interface objects.
 *
 * A converter is `(value, prefix, context, options) => converted`. `prefix` says which call failed
 * ("Failed to execute 'append' on 'Headers'"), `context` which of its values ("Argument 1").
 */

import { lazy } from './lazy.js';
import {
  ArrayIsArray, ArrayIteratorPrototype, ArrayIteratorPrototypeNext, ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSort,
  ArrayPrototypeValues, IteratorPrototype, Map, MapPrototypeGet, MapPrototypeSet, ObjectDefineProperties, ObjectDefineProperty,
  ObjectGetOwnPropertyNames, ObjectPrototypePropertyIsEnumerable, ObjectSetPrototypeOf, ReflectApply, ReflectOwnKeys,
  RegExpPrototypeExec, StringPrototypeToWellFormed, SymbolIterator, TypeError,
} from './primordials.js';
import { inspectionOf, requiredArguments, setToStringTag } from './webidl_core.js';

export { configureInterface, illegalConstructor, inspectionOf, privateToken, requiredArguments } from './webidl_core.js';

/** The TypeError of a failed conversion: "prefix: context message". */
export function conversionError(message, prefix, context) {
  const subject = context === undefined ? 'Value' : context;
  return new TypeError(prefix === undefined ? `${subject} ${message}` : `${prefix}: ${subject} ${message}`);
}

/** A new DOMException; its class is loaded with the first one. */
export function createDOMException(message, name) {
  const { DOMException } = lazy('./dom_exception.js');
  return new DOMException(message, name);
}

export const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// Strings.

function toDOMString(value, prefix, context, options) {
  if (typeof value === 'string') return value;
  if (value === null && options !== undefined && options.legacyNullToEmptyString) return '';
  if (typeof value === 'symbol') throw conversionError('is a symbol, which cannot be converted to a string.', prefix, context);
  return `${value}`;
}

const aboveLatin1 = /[^\x00-\xff]/;

function toByteString(value, prefix, context, options) {
  const string = toDOMString(value, prefix, context, options);
  if (RegExpPrototypeExec(aboveLatin1, string) !== null) {
    throw conversionError('contains a character above U+00FF, which does not fit a ByteString.', prefix, context);
  }
  return string;
}

const numeric = () => lazy('./webidl_numbers.js').numericConverters;
const buffers = () => lazy('./webidl_buffers.js').bufferConverters;

/** The basic types. Types that take parameters come from the `create…` functions below. */
export const converters = {
  __proto__: null,
  any: (value) => value,
  undefined: () => undefined,
  boolean: (value) => !!value,
  get byte() {
    return numeric().byte;
  },
  get octet() {
    return numeric().octet;
  },
  get short() {
    return numeric().short;
  },
  get 'unsigned short'() {
    return numeric()['unsigned short'];
  },
  get long() {
    return numeric().long;
  },
  get 'unsigned long'() {
    return numeric()['unsigned long'];
  },
  get 'long long'() {
    return numeric()['long long'];
  },
  get 'unsigned long long'() {
    return numeric()['unsigned long long'];
  },
  get float() {
    return numeric().float;
  },
  get 'unrestricted float'() {
    return numeric()['unrestricted float'];
  },
  get double() {
    return numeric().double;
  },
  get 'unrestricted double'() {
    return numeric()['unrestricted double'];
  },
  DOMString: toDOMString,
  ByteString: toByteString,
  USVString: (value, prefix, context, options) => StringPrototypeToWellFormed(toDOMString(value, prefix, context, options)),
  object(value, prefix, context) {
    if (isObject(value)) return value;
    throw conversionError('is not an object.', prefix, context);
  },
  Function(value, prefix, context) {
    if (typeof value === 'function') return value;
    throw conversionError('is not a function.', prefix, context);
  },
  get ArrayBuffer() {
    return buffers().ArrayBuffer;
  },
  get ArrayBufferView() {
    return buffers().ArrayBufferView;
  },
  get BufferSource() {
    return buffers().BufferSource;
  },
  get Uint8Array() {
    return buffers().Uint8Array;
  },
};

/** `T?`: null and undefined become null. */
export function createNullable(converter) {
  return (value, prefix, context, options) => (value === null || value === undefined ? null : converter(value, prefix, context, options));
}

/** An interface type: passes values that `brandCheck(value)` accepts, throws a TypeError for the rest. */
export function createInterfaceConverter(name, brandCheck) {
  return (value, prefix, context) => {
    if (brandCheck(value)) return value;
    throw conversionError(`is not of type '${name}'.`, prefix, context);
  };
}

/** An enumeration: the string, or a TypeError when it is none of `values`. */
export function createEnumConverter(name, values) {
  return (value, prefix, context) => {
    const string = toDOMString(value, prefix, context);
    if (ArrayPrototypeIndexOf(values, string) !== -1) return string;
    throw conversionError(`'${string}' is not a valid value for enumeration ${name}.`, prefix, context);
  };
}

/**
 * A dictionary: returns an object without prototype that has the present members and the defaults.
 * Each list holds the members of one dictionary, the least derived first:
 * `{ key, converter, required?: boolean, defaultValue?: () => any, options? }`.
 */
export function createDictionaryConverter(name, ...memberLists) {
  const members = [];
  for (let i = 0; i < memberLists.length; i++) {
    const sorted = ArrayPrototypeSort(memberLists[i], (a, b) => (a.key < b.key ? -1 : 1));
    // Without a prototype, a member that was not given cannot come from a tenant's Object.prototype.
    for (let j = 0; j < sorted.length; j++) ArrayPrototypePush(members, { __proto__: null, ...sorted[j] });
  }

  return (value, prefix, context) => {
    if (value !== undefined && value !== null && !isObject(value)) {
      throw conversionError(`cannot be converted to a dictionary of type '${name}'.`, prefix, context);
    }
    const result = { __proto__: null };
    for (let i = 0; i < members.length; i++) {
      const member = members[i];
      const given = value === undefined || value === null ? undefined : value[member.key];
      if (given !== undefined) {
        result[member.key] = member.converter(given, prefix, `'${member.key}' of '${name}'`, member.options);
      } else if (member.defaultValue !== undefined) {
        result[member.key] = member.defaultValue();
      } else if (member.required) {
        throw conversionError(`cannot be converted to '${name}': member '${member.key}' is required.`, prefix, context);
      }
    }
    return result;
  };
}

/** Whether iterating `array` means reading its indices: neither it nor the array iterator was patched. */
function iteratesPlainly(array, method) {
  return ArrayIsArray(array) && method === ArrayPrototypeValues && ArrayIteratorPrototype.next === ArrayIteratorPrototypeNext;
}

/**
 * `sequence<T>`: a fresh array. `options.iterator` (of options without prototype) spares the look-up when the caller already read
 * `value[Symbol.iterator]` to tell a sequence from something else.
 */
export function createSequenceConverter(converter) {
  return (value, prefix, context, options) => {
    if (!isObject(value)) throw conversionError('is not a sequence.', prefix, context);
    const method = options !== undefined && options.iterator !== undefined ? options.iterator : value[SymbolIterator];
    if (typeof method !== 'function') throw conversionError('is not iterable.', prefix, context);
    const result = [];
    const inner = `${context}'s element`;
    if (iteratesPlainly(value, method)) {
      for (let i = 0; i < value.length; i++) ArrayPrototypePush(result, converter(value[i], prefix, inner));
      return result;
    }
    const iterator = ReflectApply(method, value, []);
    if (!isObject(iterator)) throw conversionError('has an iterator that is not an object.', prefix, context);
    const next = iterator.next;
    for (;;) {
      const step = ReflectApply(next, iterator, []);
      if (!isObject(step)) throw conversionError('has an iterator whose result is not an object.', prefix, context);
      if (step.done) return result;
      ArrayPrototypePush(result, converter(step.value, prefix, inner));
    }
  };
}

/** `record<K, V>`: a flat array `[key, value, key, value, …]`; a key that occurs again after conversion keeps its first place. */
export function createRecordConverter(keyConverter, valueConverter) {
  return (value, prefix, context) => {
    if (!isObject(value)) throw conversionError('is not an object.', prefix, context);
    const result = [];
    /** Key → its place in `result`, from the first key on that conversion has changed: only then can two be the same. */
    let places;
    const keys = ReflectOwnKeys(value);
    for (let i = 0; i < keys.length; i++) {
      if (!ObjectPrototypePropertyIsEnumerable(value, keys[i])) continue;
      const key = keyConverter(keys[i], prefix, context);
      const converted = valueConverter(value[keys[i]], prefix, context);
      if (key !== keys[i]) places ??= placesOf(result);
      const earlier = places === undefined ? undefined : MapPrototypeGet(places, key);
      if (earlier !== undefined) {
        result[earlier + 1] = converted;
        continue;
      }
      if (places !== undefined) MapPrototypeSet(places, key, result.length);
      ArrayPrototypePush(result, key, converted);
    }
    return result;
  };
}

function placesOf(flat) {
  const places = new Map();
  for (let i = 0; i < flat.length; i += 2) MapPrototypeSet(places, flat[i], i);
  return places;
}

/** Defines IDL constants on the interface object and its prototype. `constants`: name → number. */
export function defineConstants(Class, constants) {
  const names = ObjectGetOwnPropertyNames(constants);
  for (let i = 0; i < names.length; i++) {
    const descriptor = { __proto__: null, value: constants[names[i]], writable: false, enumerable: true, configurable: false };
    ObjectDefineProperty(Class, names[i], descriptor);
    ObjectDefineProperty(Class.prototype, names[i], descriptor);
  }
}

/**
 * Declares `iterable<K, V>`: adds entries, forEach, keys, values and `Symbol.iterator`. Call it after
 * `configureInterface`. `getEntries(instance)` returns the current pairs as a flat array
 * `[key, value, key, value, …]`, which is not modified; it is called at every step, so it should be
 * cheap, and it throws a TypeError when `instance` is of another class (a private field does).
 */
export function setIterable(Class, name, getEntries) {
  const PairIterator = createPairIterator(name, getEntries);
  const methods = {
    entries() {
      getEntries(this);
      return new PairIterator(this, 'key+value');
    },
    forEach(callback, thisArg = undefined) {
      getEntries(this);
      const prefix = `Failed to execute 'forEach' on '${name}'`;
      requiredArguments(arguments.length, 1, prefix);
      converters.Function(callback, prefix, 'Argument 1');
      for (let i = 0; ; i += 2) {
        const pairs = getEntries(this);
        if (i >= pairs.length) return;
        ReflectApply(callback, thisArg, [pairs[i + 1], pairs[i], this]);
      }
    },
    keys() {
      getEntries(this);
      return new PairIterator(this, 'key');
    },
    values() {
      getEntries(this);
      return new PairIterator(this, 'value');
    },
  };
  ObjectDefineProperty(methods.forEach, 'length', { __proto__: null, value: 1, configurable: true });
  const { prototype } = Class;
  inspectionOf(prototype).getEntries = getEntries;
  const member = (value, enumerable) => ({ __proto__: null, value, writable: true, enumerable, configurable: true });
  ObjectDefineProperties(prototype, {
    __proto__: null,
    entries: member(methods.entries, true),
    forEach: member(methods.forEach, true),
    keys: member(methods.keys, true),
    values: member(methods.values, true),
    [SymbolIterator]: member(methods.entries, false),
  });
}

/** The class behind the "default iterator objects" of one interface. */
function createPairIterator(name, getEntries) {
  class PairIterator {
    #target;
    #kind;
    #index = 0;

    constructor(target, kind) {
      this.#target = target;
      this.#kind = kind;
    }

    next() {
      if (!(#target in this)) throw new TypeError(`'next' called on an object that is not an iterator of ${name}.`);
      const pairs = getEntries(this.#target);
      const index = this.#index;
      if (index >= pairs.length) return { value: undefined, done: true };
      this.#index = index + 2;
      if (this.#kind === 'key') return { value: pairs[index], done: false };
      if (this.#kind === 'value') return { value: pairs[index + 1], done: false };
      return { value: [pairs[index], pairs[index + 1]], done: false };
    }
  }
  const { prototype } = PairIterator;
  delete prototype.constructor;
  ObjectDefineProperty(prototype, 'next', { __proto__: null, enumerable: true });
  ObjectSetPrototypeOf(prototype, IteratorPrototype);
  setToStringTag(prototype, `${name} Iterator`);
  return PairIterator;
}
