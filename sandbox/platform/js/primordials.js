// @ts-check
/**
 * Built-ins as they were before any tenant code ran. Platform code calls these, so a tenant that
 * patches a prototype can neither break nor observe them. What the language itself looks up (`then` of what a promise
 * is resolved with, members that an object does not have) still reaches prototypes: objects without one are for that.
 *
 * Here is what every isolate needs, and what code can get hold of without saying a name: by literals, by syntax, by what
 * the engine throws. What is only to be had by its name is in `primordials/`, and an isolate pays for it when somebody first
 * says the name: the global object has the file evaluated before it gives anything away (`src/globals.rs`). Classes of errors
 * are there too, with nothing but their constructors, which no tenant can replace: the platform takes them when it needs them.
 */

const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, set, setPrototypeOf } = Reflect;
const { bind, call } = Function.prototype;

/** `uncurryThis(f)(thisArg, ...args)` is `f.call(thisArg, ...args)`. */
export const uncurryThis = bind.bind(call);

/** The getter of an accessor property, as a function of its receiver. */
export const getter = (prototype, key) => uncurryThis(getOwnPropertyDescriptor(prototype, key).get);

// Machine code goes through what `uncurryThis` makes only to built-ins that it knows how to inline. Any other call takes
// two turns through C++, which costs five times as much as `apply` of a list that never comes into being.

export {
  apply as ReflectApply,
  construct as ReflectConstruct,
  getOwnPropertyDescriptor as ReflectGetOwnPropertyDescriptor,
  getPrototypeOf as ReflectGetPrototypeOf,
  ownKeys as ReflectOwnKeys,
  set as ReflectSet,
};

/**
 * For classes that tenants never see: their instances inherit nothing, so that a setter which a tenant
 * puts on `Object.prototype` does not get to see what they assign.
 */
export function inheritNothing(...classes) {
  for (let i = 0; i < classes.length; i++) setPrototypeOf(classes[i].prototype, null);
}

// Constructors.
const {
  Array: ArrayCtor, BigInt: BigIntCtor, Boolean: BooleanCtor, Error: ErrorCtor, Function: FunctionCtor, Map: MapCtor, Number: NumberCtor,
  Object: ObjectCtor, Promise: PromiseCtor, RegExp: RegExpCtor, String: StringCtor, Symbol: SymbolCtor, TypeError: TypeErrorCtor,
} = globalThis;
export {
  ArrayCtor as Array, BigIntCtor as BigInt, BooleanCtor as Boolean, ErrorCtor as Error, FunctionCtor as Function, MapCtor as Map, NumberCtor as Number,
  ObjectCtor as Object, PromiseCtor as Promise, RegExpCtor as RegExp, StringCtor as String, SymbolCtor as Symbol, TypeErrorCtor as TypeError,
};

// Array.
export const ArrayIsArray = Array.isArray;
const arrayIncludes = Array.prototype.includes;
export const ArrayPrototypeIncludes = (array, element) => apply(arrayIncludes, array, [element]);
const arrayIndexOf = Array.prototype.indexOf;
export const ArrayPrototypeIndexOf = (array, element, from) => apply(arrayIndexOf, array, [element, from]);
export const ArrayPrototypeJoin = uncurryThis(Array.prototype.join);
export const ArrayPrototypePop = uncurryThis(Array.prototype.pop);
export const ArrayPrototypeShift = uncurryThis(Array.prototype.shift);
const arraySort = Array.prototype.sort;
export const ArrayPrototypeSort = (array, compare) => apply(arraySort, array, [compare]);
export const ArrayPrototypeValues = Array.prototype.values;

// What the built-ins below do, they do by assignment, which a setter on a prototype catches together with
// the list that it is for, and in an array of the species that a tenant chooses.
const ArrayPrototype = Array.prototype;

/** Adds one element. Where the prototypes are as they were, and have no such element, it is an assignment after all: that is fast. */
function append(list, value) {
  const index = list.length;
  if (getPrototypeOf(ArrayPrototype) === ObjectPrototype && !(index in list)) list[index] = value;
  else defineProperty(list, index, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

/** Up to three elements. */
export function ArrayPrototypePush(list, first, second, third) {
  append(list, first);
  if (arguments.length > 2) append(list, second);
  if (arguments.length > 3) append(list, third);
}

export function ArrayPrototypeSlice(list, start = 0, end = list.length) {
  const { length } = list;
  const first = start < 0 ? length + start : start;
  const last = end < 0 ? length + end : end;
  const slice = [];
  for (let i = first < 0 ? 0 : first; i < last && i < length; i++) append(slice, list[i]);
  return slice;
}

/** Puts one element in front. */
export function ArrayPrototypeUnshift(list, value) {
  append(list, value);
  for (let i = list.length - 1; i > 0; i--) list[i] = list[i - 1];
  list[0] = value;
}

/** Replaces `count` elements by one or none. */
export function ArrayPrototypeSplice(list, start, count, item) {
  const kept = ArrayPrototypeSlice(list, start + count);
  list.length = start;
  if (arguments.length > 3) append(list, item);
  for (let i = 0; i < kept.length; i++) append(list, kept[i]);
}


// BigInt.
export const BigIntAsUintN = BigInt.asUintN;
export const BigIntPrototypeValueOf = uncurryThis(BigInt.prototype.valueOf);

// Boolean.
export const BooleanPrototypeValueOf = uncurryThis(Boolean.prototype.valueOf);

// Functions of the global object.
export const { decodeURIComponent, encodeURIComponent } = globalThis;

// Error.
export const ErrorPrototype = Error.prototype;
/** Reads the stack of an error where the engine keeps it out of reach of own properties. */
export const ErrorPrototypeGetStack = getOwnPropertyDescriptor(Error.prototype, 'stack')?.get ? getter(Error.prototype, 'stack') : undefined;

// Function.
export const FunctionPrototypeSymbolHasInstance = uncurryThis(Function.prototype[Symbol.hasInstance]);
export const FunctionPrototypeToString = uncurryThis(Function.prototype.toString);

// Iterators.
export const IteratorPrototype = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()));
export const AsyncIteratorPrototype = getPrototypeOf(getPrototypeOf(async function* () {}).prototype);
/** @type {any} */
export const ArrayIteratorPrototype = getPrototypeOf([][Symbol.iterator]());
export const ArrayIteratorPrototypeNext = ArrayIteratorPrototype.next;

// Map.
export const MapPrototypeDelete = uncurryThis(Map.prototype.delete);
const mapForEach = Map.prototype.forEach;
export const MapPrototypeForEach = (map, callback) => apply(mapForEach, map, [callback]);
export const MapPrototypeGet = uncurryThis(Map.prototype.get);
export const MapPrototypeGetSize = getter(Map.prototype, 'size');
export const MapPrototypeHas = uncurryThis(Map.prototype.has);
export const MapPrototypeSet = uncurryThis(Map.prototype.set);

// Number.
export const NumberIsFinite = Number.isFinite;
export const NumberIsInteger = Number.isInteger;
export const NumberIsNaN = Number.isNaN;
export const NumberIsSafeInteger = Number.isSafeInteger;
export const NumberParseFloat = Number.parseFloat;
export const NumberParseInt = Number.parseInt;
export const NumberPrototypeValueOf = uncurryThis(Number.prototype.valueOf);
export const NumberPrototypeToString = uncurryThis(Number.prototype.toString);

// Object.
export const ObjectAssign = Object.assign;
export const ObjectCreate = Object.create;
export const ObjectDefineProperties = Object.defineProperties;
export const ObjectDefineProperty = Object.defineProperty;
export const ObjectEntries = Object.entries;
export const ObjectFreeze = Object.freeze;
export const ObjectGetOwnPropertyDescriptor = Object.getOwnPropertyDescriptor;
export const ObjectGetOwnPropertyNames = Object.getOwnPropertyNames;
export const ObjectGetOwnPropertySymbols = Object.getOwnPropertySymbols;
export const ObjectGetPrototypeOf = Object.getPrototypeOf;
export const ObjectHasOwn = Object.hasOwn;
export const ObjectIs = Object.is;
export const ObjectKeys = Object.keys;
export const ObjectPrototype = Object.prototype;
const isEnumerable = Object.prototype.propertyIsEnumerable;
export const ObjectPrototypePropertyIsEnumerable = (object, key) => apply(isEnumerable, object, [key]);
export const ObjectPrototypeToString = uncurryThis(Object.prototype.toString);
export const ObjectSetPrototypeOf = Object.setPrototypeOf;

// Promise.
const promiseThen = Promise.prototype.then;
export const PromisePrototypeThen = (promise, onFulfilled, onRejected) => apply(promiseThen, promise, [onFulfilled, onRejected]);
const promiseReject = Promise.reject;
export const PromiseReject = (reason) => apply(promiseReject, PromiseCtor, [reason]);
const promiseResolve = Promise.resolve;
export const PromiseResolve = (value) => apply(promiseResolve, PromiseCtor, [value]);
export const PromiseWithResolvers = Promise.withResolvers?.bind(Promise);

// RegExp.
const regExpExec = RegExp.prototype.exec;
export const RegExpPrototypeExec = (regExp, string) => apply(regExpExec, regExp, [string]);
export const RegExpPrototypeGetSource = getter(RegExp.prototype, 'source');
/** The getter of each flag by its letter; `flags` itself would read properties that a tenant may replace. */
export const RegExpFlagGetters = {
  __proto__: null,
  d: getter(RegExp.prototype, 'hasIndices'),
  g: getter(RegExp.prototype, 'global'),
  i: getter(RegExp.prototype, 'ignoreCase'),
  m: getter(RegExp.prototype, 'multiline'),
  s: getter(RegExp.prototype, 'dotAll'),
  u: getter(RegExp.prototype, 'unicode'),
  v: getter(RegExp.prototype, 'unicodeSets'),
  y: getter(RegExp.prototype, 'sticky'),
};

// String.
export const StringFromCharCode = String.fromCharCode;
export const StringFromCodePoint = String.fromCodePoint;
export const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt);
export const StringPrototypeCodePointAt = uncurryThis(String.prototype.codePointAt);
export const StringPrototypeEndsWith = uncurryThis(String.prototype.endsWith);
export const StringPrototypeIncludes = uncurryThis(String.prototype.includes);
const stringIndexOf = String.prototype.indexOf;
const indexOfFromStart = uncurryThis(stringIndexOf);
/** Inlined only where nobody says from where. */
export const StringPrototypeIndexOf = (string, sought, from) => (from === undefined ? indexOfFromStart(string, sought) : apply(stringIndexOf, string, [sought, from]));
export const StringPrototypeLastIndexOf = uncurryThis(String.prototype.lastIndexOf);
const stringPadEnd = String.prototype.padEnd;
export const StringPrototypePadEnd = (string, length, filler) => apply(stringPadEnd, string, [length, filler]);
const stringPadStart = String.prototype.padStart;
export const StringPrototypePadStart = (string, length, filler) => apply(stringPadStart, string, [length, filler]);
const stringRepeat = String.prototype.repeat;
export const StringPrototypeRepeat = (string, count) => apply(stringRepeat, string, [count]);
const stringSlice = String.prototype.slice;
export const StringPrototypeSlice = (string, start, end) => apply(stringSlice, string, [start, end]);
const stringSplit = String.prototype.split;
export const StringPrototypeSplit = (string, separator, limit) => apply(stringSplit, string, [separator, limit]);
export const StringPrototypeStartsWith = uncurryThis(String.prototype.startsWith);
export const StringPrototypeToLowerCase = uncurryThis(String.prototype.toLowerCase);
export const StringPrototypeToUpperCase = uncurryThis(String.prototype.toUpperCase);
const stringToWellFormed = String.prototype.toWellFormed;
export const StringPrototypeToWellFormed = (string) => apply(stringToWellFormed, string, []);
export const StringPrototypeTrim = uncurryThis(String.prototype.trim);
export const StringPrototypeValueOf = uncurryThis(String.prototype.valueOf);

// Symbol.
export const SymbolAsyncIterator = Symbol.asyncIterator;
export const SymbolFor = Symbol.for;
export const SymbolHasInstance = Symbol.hasInstance;
export const SymbolIterator = Symbol.iterator;
export const SymbolPrototypeToString = uncurryThis(Symbol.prototype.toString);
export const SymbolPrototypeValueOf = uncurryThis(Symbol.prototype.valueOf);
export const SymbolSpecies = Symbol.species;
export const SymbolToPrimitive = Symbol.toPrimitive;
export const SymbolToStringTag = Symbol.toStringTag;
