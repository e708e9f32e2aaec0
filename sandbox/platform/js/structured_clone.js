// @ts-check
/**
 * Structured cloning of the HTML Standard (https://html.spec.whatwg.org/multipage/structured-data.html): what is
 * serialized is deserialized in the same realm at once, so both are one walk. It runs the tenant's getters where the
 * standard does, and, unlike a serializer of the engine, can be interrupted.
 */

import { lazy } from './lazy.js';
import { ops } from './ops.js';
import {
  Array, ArrayPrototypePush, Error, Map, MapPrototypeForEach, MapPrototypeGet, MapPrototypeHas,
  MapPrototypeSet, ObjectDefineProperty, ObjectGetPrototypeOf, ObjectHasOwn, ObjectKeys, ObjectPrototype,
  ReflectGetOwnPropertyDescriptor, TypeError, inheritNothing,
} from './primordials.js';
import { AggregateError, EvalError, ReferenceError, SyntaxError, URIError } from './primordials/errors.js';
import { RangeError } from './primordials/range_error.js';
import {
  ArrayBuffer, ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeGetMaxByteLength, ArrayBufferPrototypeGetResizable, ArrayBufferPrototypeSlice, ArrayBufferPrototypeTransfer,
  DataView, TypedArrayPrototypeSet, Uint8Array,
} from './primordials/buffers.js';
import { Date, DatePrototypeGetTime } from './primordials/date.js';
import { Set, SetPrototypeAdd, SetPrototypeForEach } from './primordials/collections.js';
import { copyStack, serializableOf, transferableOf } from './serializable.js';
import { describeView } from './views.js';
import { conversionError, converters, createDOMException, createSequenceConverter, inspectionOf, requiredArguments } from './webidl.js';
import { isArrayBuffer } from './webidl_buffers.js';

const toTransferList = createSequenceConverter(converters.object);

export function structuredClone(value, options = undefined) {
  const prefix = "Failed to execute 'structuredClone'";
  requiredArguments(arguments.length, 1, prefix);
  return cloneWithTransfer(value, toTransfer(options, prefix), prefix).value;
}

/** The `transfer` member of StructuredSerializeOptions, as an array. */
export function toTransfer(options, prefix) {
  if (options === undefined || options === null) return [];
  if (typeof options !== 'object' && typeof options !== 'function') {
    throw conversionError("cannot be converted to a dictionary of type 'StructuredSerializeOptions'.", prefix, 'Argument 2');
  }
  const { transfer } = options;
  return transfer === undefined ? [] : toTransferList(transfer, prefix, "'transfer' of 'StructuredSerializeOptions'");
}

/** StructuredSerialize and StructuredDeserialize: a clone. Throws a DataCloneError, and what getters throw. */
export function clone(value, prefix = 'Failed to clone') {
  return isPrimitive(value) ? toPrimitive(value, prefix) : new Cloner(prefix).run(value);
}

/**
 * StructuredSerializeWithTransfer and StructuredDeserializeWithTransfer.
 * @param {any[]} transferList
 * @returns {{ value: any, transferred: any[] }} the clone, and what has become of each in the list
 */
export function cloneWithTransfer(value, transferList, prefix) {
  if (transferList.length === 0) return { value: clone(value, prefix), transferred: [] };
  const cloner = new Cloner(prefix);
  for (let i = 0; i < transferList.length; i++) cloner.expect(transferList[i]);
  const cloned = cloner.run(value);
  const transferred = cloner.transfer(transferList);
  return { value: cloner.resolve(cloned), transferred };
}

// Kinds of objects, as the op tells them.
const PLAIN = 1;
const ARRAY = 2;
const DENSE_ARRAY = 3;
const VALUE = 4;
const ERROR = 5;
const DATE = 6;
const MAP = 7;
const SET = 8;
const ARRAY_BUFFER = 9;

/** Stands in the clone for what is only known once everything else is cloned. */
class Pending {
  /** @param {undefined | (() => any)} make */
  constructor(make) {
    this.make = make;
    this.value = undefined;
  }
}

/** An object that is being cloned, in the middle of its properties or elements. */
class Frame {
  constructor(source, target, keys, length, parent) {
    this.source = source;
    this.target = target;
    /** Undefined for the elements of a list. */
    this.keys = keys;
    this.length = length;
    this.index = 0;
    this.parent = parent;
  }
}
inheritNothing(Pending, Frame);

class Cloner {
  #prefix;
  /** Object → its clone, or what is pending. The standard's *memory*. */
  #memory = new Map();
  /** The innermost object in progress. A list instead of recursion: depth must not matter. */
  #frame = undefined;
  /** Maps and sets with the list of what goes into them. */
  #collections = [];
  /** What is pending, in order: later ones may need earlier ones. */
  #pending = [];
  /** Object and key of each place where something pending stands. */
  #places = [];

  constructor(prefix) {
    this.#prefix = prefix;
  }

  run(value) {
    const result = this.#clone(value);
    for (let frame = this.#frame; frame !== undefined; frame = this.#frame) {
      if (frame.index < frame.length) this.#step(frame);
      else this.#frame = frame.parent;
    }
    if (this.#pending.length === 0) this.#fillCollections();
    return result;
  }

  /** Goes on with an object until another one begins, or it is done. */
  #step(frame) {
    const { source, target, keys, length } = frame;
    while (frame.index < length) {
      const index = frame.index++;
      const key = keys === undefined ? index : keys[index];
      // A getter may have taken it away.
      if (!ObjectHasOwn(source, key)) {
        if (keys === undefined) target.length = length;
        continue;
      }
      const value = this.#clone(source[key]);
      if (this.#pending.length > 0 && value instanceof Pending) ArrayPrototypePush(this.#places, target, key);
      // Whatever a tenant put onto the prototypes is not to see it, nor is `__proto__`.
      if (key in target) define(target, key, value);
      else target[key] = value;
      if (this.#frame !== frame) return;
    }
  }

  #clone(value) {
    if (isPrimitive(value)) return toPrimitive(value, this.#prefix);
    const known = MapPrototypeGet(this.#memory, value);
    if (known !== undefined) return known;
    const result = this.#cloneObject(value);
    MapPrototypeSet(this.#memory, value, result);
    return result;
  }

  #cloneObject(value) {
    const kind = ops.objectKind(value);
    if (kind === DENSE_ARRAY) return this.#open(value, [], undefined, value.length);
    if (kind === PLAIN) {
      const prototype = ObjectGetPrototypeOf(value);
      if (prototype !== ObjectPrototype && prototype !== null) {
        const serializable = serializableOf(value);
        if (serializable !== undefined) return serializable.clone(value);
        if (isPlatformObject(prototype)) this.#refuse(value);
      }
      const keys = ObjectKeys(value);
      return this.#open(value, {}, keys, keys.length);
    }
    if (kind === ARRAY) {
      const keys = ObjectKeys(value);
      return this.#open(value, new Array(value.length), keys, keys.length);
    }
    if (kind === DATE) return new Date(DatePrototypeGetTime(value));
    if (kind === MAP || kind === SET) return this.#cloneCollection(value, kind);
    if (kind === ERROR) return this.#cloneError(value);
    if (kind === ARRAY_BUFFER) return cloneBuffer(value, this.#prefix);
    if (kind === VALUE) return ops.structuredClone(value, undefined);
    if (ArrayBufferIsView(value)) return this.#cloneView(value);
    return this.#refuse(value);
  }

  #open(source, target, keys, length) {
    this.#frame = new Frame(source, target, keys, length, this.#frame);
    return target;
  }

  #cloneCollection(value, kind) {
    const list = [];
    if (kind === MAP) MapPrototypeForEach(value, (item, key) => ArrayPrototypePush(list, key, item));
    else SetPrototypeForEach(value, (item) => ArrayPrototypePush(list, item));
    const target = kind === MAP ? new Map() : new Set();
    const items = this.#open(list, [], undefined, list.length);
    ArrayPrototypePush(this.#collections, { __proto__: null, target, items, kind });
    return target;
  }

  #fillCollections() {
    const collections = this.#collections;
    for (let i = 0; i < collections.length; i++) {
      const { target, items, kind } = collections[i];
      if (kind === MAP) for (let j = 0; j < items.length; j += 2) MapPrototypeSet(target, items[j], items[j + 1]);
      else for (let j = 0; j < items.length; j++) SetPrototypeAdd(target, items[j]);
    }
  }

  /** Beyond the standard, which leaves it open: stack, `cause` and `errors` are cloned, too. */
  #cloneError(value) {
    const serializable = serializableOf(value);
    if (serializable !== undefined) return serializable.clone(value);
    const { name } = value;
    const Class = errorClasses[name === undefined ? 'Error' : `${name}`] ?? Error;
    const message = ReflectGetOwnPropertyDescriptor(value, 'message');
    const copy = Class === AggregateError ? new Class([]) : new Class();
    if (message !== undefined && ObjectHasOwn(message, 'value')) hide(copy, 'message', `${message.value}`);
    copyStack(value, copy);
    const keys = [];
    for (let i = 0; i < errorParts.length; i++) {
      const part = ReflectGetOwnPropertyDescriptor(value, errorParts[i]);
      if (part === undefined || !ObjectHasOwn(part, 'value')) continue;
      hide(copy, errorParts[i], undefined);
      ArrayPrototypePush(keys, errorParts[i]);
    }
    return this.#open(value, copy, keys, keys.length);
  }

  #cloneView(value) {
    const view = describeView(value);
    if (view === undefined) return this.#refuse(value);
    const { kind, buffer, offset, length, tracks } = view;
    const copied = this.#clone(buffer);
    const make = () => {
      const target = this.resolve(copied);
      const Class = kind === undefined ? DataView : lazy('./primordials/typed_arrays.js').typedArrayConstructor(kind);
      return tracks ? new Class(target, offset) : new Class(target, offset, length);
    };
    return copied instanceof Pending ? this.#postpone(make) : make();
  }

  #postpone(make) {
    const pending = new Pending(make);
    ArrayPrototypePush(this.#pending, pending);
    return pending;
  }

  // Transfer.

  /** An object of the transfer list: what it becomes will stand where it stands. */
  expect(object) {
    if (!isArrayBuffer(object) && transferableOf(object) === undefined) throw this.#error('A value in the transfer list cannot be transferred');
    if (MapPrototypeHas(this.#memory, object)) throw this.#error('A value is twice in the transfer list');
    MapPrototypeSet(this.#memory, object, this.#postpone(undefined));
  }

  transfer(list) {
    const transferred = [];
    for (let i = 0; i < list.length; i++) {
      const value = this.#transferOne(list[i]);
      this.#pending[i].value = value;
      ArrayPrototypePush(transferred, value);
    }
    for (let i = list.length; i < this.#pending.length; i++) this.#pending[i].value = this.#pending[i].make();
    for (let i = 0; i < this.#places.length; i += 2) {
      const target = this.#places[i];
      const key = this.#places[i + 1];
      define(target, key, target[key].value);
    }
    this.#fillCollections();
    return transferred;
  }

  #transferOne(object) {
    const transferable = transferableOf(object);
    if (transferable !== undefined) {
      if (transferable.isDetached(object)) throw this.#error('A value in the transfer list was transferred before');
      return transferable.transfer(object);
    }
    if (ArrayBufferPrototypeGetDetached(object)) throw this.#error('A buffer in the transfer list is detached');
    return ArrayBufferPrototypeTransfer(object);
  }

  resolve(value) {
    return value instanceof Pending ? value.value : value;
  }

  #refuse(value) {
    throw this.#error(typeof value === 'object' ? 'The object could not be cloned' : `A ${typeof value} could not be cloned`);
  }

  #error(message) {
    return cloneError(this.#prefix, message);
  }
}

const errorClasses = { __proto__: null, AggregateError, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const errorParts = ['cause', 'errors'];

function isPrimitive(value) {
  return typeof value !== 'object' ? typeof value !== 'function' : value === null;
}

function toPrimitive(value, prefix) {
  if (typeof value === 'symbol') throw cloneError(prefix, 'A symbol could not be cloned');
  return value;
}

function cloneBuffer(buffer, prefix) {
  if (ArrayBufferPrototypeGetDetached(buffer)) throw cloneError(prefix, 'A detached buffer could not be cloned');
  if (!ArrayBufferPrototypeGetResizable(buffer)) return ArrayBufferPrototypeSlice(buffer, 0);
  const length = ArrayBufferPrototypeGetByteLength(buffer);
  const copy = new ArrayBuffer(length, { __proto__: null, maxByteLength: ArrayBufferPrototypeGetMaxByteLength(buffer) });
  TypedArrayPrototypeSet(new Uint8Array(copy), new Uint8Array(buffer));
  return copy;
}

/** Whether objects with this prototype are the platform's: none of those is cloned but what was registered. */
function isPlatformObject(prototype) {
  for (let i = 0; prototype !== null && i < deepest; i++) {
    if (inspectionOf(prototype) !== undefined) return true;
    if (ops.objectKind(prototype) !== PLAIN) return false;
    prototype = ObjectGetPrototypeOf(prototype);
  }
  return false;
}
/** No interface inherits through more; a tenant's chain may be of any length. */
const deepest = 100;

/** A property that is there keeps its attributes. */
function define(target, key, value) {
  if (ObjectHasOwn(target, key)) {
    ObjectDefineProperty(target, key, { __proto__: null, value });
    return;
  }
  ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

function hide(target, key, value) {
  ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
}

function cloneError(prefix, message) {
  return createDOMException(`${prefix}: ${message}.`, 'DataCloneError');
}
