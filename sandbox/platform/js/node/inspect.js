// @ts-check
/**
 * `util.inspect` (https://nodejs.org/docs/latest-v20.x/api/util.html#utilinspectobject-options). Unlike the console's own
 * formatter it may run code of the values: `[util.inspect.custom]`, and what proxies do.
 */

import { describeError } from '../inspect_error.js';
import { boxes, inspect as inspectPlatform, quote, regExpText } from '../inspect.js';
import { ops } from '../ops.js';
import {
  ArrayIsArray, ArrayPrototypeIncludes, ArrayPrototypeIndexOf, ArrayPrototypeJoin, ArrayPrototypePop, ArrayPrototypePush,
  ArrayPrototypeSort, FunctionPrototypeToString, Map, MapPrototypeForEach, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet,
  ObjectAssign, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetOwnPropertyNames, ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf, ObjectHasOwn, ObjectIs, ObjectKeys, ObjectPrototypePropertyIsEnumerable, ReflectApply, RegExpPrototypeExec,
  StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeSlice,
  StringPrototypeSplit, StringPrototypeStartsWith, SymbolFor, SymbolPrototypeToString, SymbolToStringTag,
} from '../primordials.js';
import {
  DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} from '../primordials/buffers.js';
import { DatePrototypeGetTime, DatePrototypeToISOString } from '../primordials/date.js';
import { SetPrototypeForEach, SetPrototypeGetSize } from '../primordials/collections.js';
import { inspectionOf } from '../webidl.js';
import { withSeparators } from './errors.js';
import { colors, layOut, styles, stylizeWithColor } from './inspect_layout.js';
import { validateObject } from './validators.js';

const custom = SymbolFor('nodejs.util.inspect.custom');
const defaults = {
  __proto__: null, showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100, maxStringLength: 10000, breakLength: 80,
  compact: 3, sorted: false, getters: false, numericSeparator: false,
};
/** Characters after which only names of objects follow. */
const budget = 2 ** 27;

/** @type {any} */
export function inspect(value, opts) {
  const context = {
    __proto__: null, ...defaults, breakLength: defaults.breakLength, budget: 0, seen: [], circular: undefined, indentation: 0, currentDepth: 0, stylize: plain, userOptions: undefined,
  };
  if (arguments.length > 1) {
    if (typeof opts === 'boolean') {
      context.showHidden = opts;
      if (arguments[2] !== undefined) context.depth = arguments[2];
      if (arguments[3] !== undefined) context.colors = arguments[3];
    } else if (opts) {
      const keys = ObjectKeys(opts);
      for (let i = 0; i < keys.length; i++) {
        if (keys[i] in defaults || keys[i] === 'stylize') context[keys[i]] = opts[keys[i]];
        else if (context.userOptions === undefined) context.userOptions = opts;
      }
    }
  }
  if (context.colors) context.stylize = stylizeWithColor;
  if (context.maxArrayLength === null) context.maxArrayLength = Infinity;
  if (context.maxStringLength === null) context.maxStringLength = Infinity;
  return formatValue(context, value, 0);
}

const plain = (text) => text;

inspect.custom = custom;
inspect.colors = colors;
inspect.styles = styles;
ObjectDefineProperty(inspect, 'defaultOptions', {
  __proto__: null,
  get: () => defaults,
  set(options) {
    validateObject(options, 'options');
    ObjectAssign(defaults, options);
  },
  enumerable: true,
  configurable: true,
});

function formatValue(context, value, level, typed = false) {
  if (typeof value !== 'object' && typeof value !== 'function') return formatPrimitive(context, value);
  if (value === null) return context.stylize('null', 'null');
  if (context.customInspect) {
    const method = value[custom];
    if (typeof method === 'function' && method !== inspect && !(value.constructor && value.constructor.prototype === value)) {
      const depth = context.depth === null ? null : context.depth - level;
      const result = ReflectApply(method, value, [depth, userOptions(context), inspect]);
      if (result !== value) {
        if (typeof result !== 'object') return `${result}`;
        return indentFollowing(formatValue(context, result, level), context.indentation);
      }
    }
  }
  if (ArrayPrototypeIncludes(context.seen, value)) {
    const circular = (context.circular ??= new Map());
    let index = MapPrototypeGet(circular, value);
    if (index === undefined) {
      index = MapPrototypeGetSize(circular) + 1;
      MapPrototypeSet(circular, value, index);
    }
    return context.stylize(`[Circular *${index}]`, 'special');
  }
  return formatObject(context, value, level, typed);
}

function userOptions(context) {
  const options = { ...context.userOptions, stylize: context.stylize };
  for (const key in defaults) options[key] = context[key];
  return options;
}

function indentFollowing(text, indentation) {
  if (!StringPrototypeIncludes(text, '\n')) return text;
  return ArrayPrototypeJoin(StringPrototypeSplit(text, '\n'), `\n${StringPrototypeRepeat(' ', indentation)}`);
}

// Primitives.

function formatPrimitive(context, value) {
  switch (typeof value) {
    case 'string':
      return formatString(context, value);
    case 'number':
      return context.stylize(formatNumber(value, context.numericSeparator), 'number');
    case 'bigint':
      return context.stylize(`${context.numericSeparator ? withSeparators(`${value}`) : value}n`, 'bigint');
    case 'symbol':
      return context.stylize(SymbolPrototypeToString(value), 'symbol');
    default:
      return context.stylize(`${value}`, typeof value);
  }
}

function formatString(context, value) {
  let trailer = '';
  if (value.length > context.maxStringLength) {
    const left = value.length - context.maxStringLength;
    value = StringPrototypeSlice(value, 0, context.maxStringLength);
    trailer = `... ${left} more character${left > 1 ? 's' : ''}`;
  }
  if (context.compact !== true && value.length > 16 && value.length > context.breakLength - context.indentation - 4 && StringPrototypeIncludes(value, '\n')) {
    const lines = [];
    for (let start = 0; start < value.length; ) {
      const end = StringPrototypeIndexOf(value, '\n', start);
      const next = end === -1 ? value.length : end + 1;
      ArrayPrototypePush(lines, context.stylize(quote(StringPrototypeSlice(value, start, next)), 'string'));
      start = next;
    }
    return ArrayPrototypeJoin(lines, ` +\n${StringPrototypeRepeat(' ', context.indentation + 2)}`) + trailer;
  }
  return context.stylize(quote(value), 'string') + trailer;
}

export function formatNumber(value, separated = false) {
  if (ObjectIs(value, -0)) return '-0';
  const text = `${value}`;
  if (!separated || StringPrototypeIncludes(text, 'e')) return text;
  const point = StringPrototypeIndexOf(text, '.');
  if (point === -1) return withSeparators(text);
  let fraction = '';
  for (let i = point + 1; i < text.length; i += 3) fraction += `${fraction === '' ? '' : '_'}${StringPrototypeSlice(text, i, i + 3)}`;
  return `${withSeparators(StringPrototypeSlice(text, 0, point))}.${fraction}`;
}

// Objects.

/** The class name as far as it can be told; null for an object without prototype. */
function constructorName(context, object) {
  let firstProto;
  for (let it = object; ; ) {
    const constructor = ObjectGetOwnPropertyDescriptor(it, 'constructor')?.value;
    if (typeof constructor === 'function' && constructor.name !== '' && isInstance(object, constructor)) return `${constructor.name}`;
    it = ObjectGetPrototypeOf(it);
    if (firstProto === undefined) firstProto = it;
    if (it === null) break;
  }
  return firstProto === null ? null : `Object <${inspect(firstProto, { ...context.userOptions, depth: -1 })}>`;
}

function isInstance(object, constructor) {
  try {
    return object instanceof constructor;
  } catch {
    return false;
  }
}

function prefix(name, tag, fallback, size = '') {
  if (name === null) return `[${fallback}${size}: null prototype] ${tag !== '' && fallback !== tag ? `[${tag}] ` : ''}`;
  return `${name}${size} ${tag !== '' && name !== tag ? `[${tag}] ` : ''}`;
}

function keysOf(value, showHidden) {
  const symbols = ObjectGetOwnPropertySymbols(value);
  let keys;
  if (showHidden) {
    keys = ObjectGetOwnPropertyNames(value);
  } else {
    try {
      keys = ObjectKeys(value);
    } catch {
      // A module namespace with bindings that are not initialised.
      keys = ObjectGetOwnPropertyNames(value);
    }
  }
  for (let i = 0; i < symbols.length; i++) {
    if (showHidden || ObjectPrototypePropertyIsEnumerable(value, symbols[i])) ArrayPrototypePush(keys, symbols[i]);
  }
  return keys;
}

const arrayIndex = /^(?:0|[1-9][0-9]*)$/;

/** The keys of something with items, without the items'. */
function extraKeys(value, showHidden) {
  const keys = keysOf(value, showHidden);
  const extra = [];
  for (let i = 0; i < keys.length; i++) {
    if (typeof keys[i] !== 'string' || RegExpPrototypeExec(arrayIndex, keys[i]) === null) ArrayPrototypePush(extra, keys[i]);
  }
  return extra;
}

function formatObject(context, value, level, typed) {
  const kind = ops.classOf(value);
  if (kind === 'Proxy' && context.showProxy) return context.stylize(typeof value === 'function' ? '[Function: Proxy]' : '[Proxy]', 'special');
  const platform = platformText(context, value, kind, level);
  if (platform !== undefined) return platform;
  const name = constructorName(context, value);
  let tag = value[SymbolToStringTag];
  if (typeof tag !== 'string' || tag === '' || (context.showHidden ? ObjectHasOwn(value, SymbolToStringTag) : ObjectPrototypePropertyIsEnumerable(value, SymbolToStringTag))) tag = '';
  const shape = describe(context, value, kind, name, tag, typed, level);
  if (typeof shape === 'string') return shape;
  let { base } = shape;
  const { open, close, isList, keys, add } = shape;
  if (context.depth !== null && level > context.depth) {
    const label = StringPrototypeSlice(prefix(name, tag, ArrayIsArray(value) ? 'Array' : 'Object'), 0, -1);
    return context.stylize(label[0] === '[' ? label : `[${label}]`, 'special');
  }
  level += 1;
  ArrayPrototypePush(context.seen, value);
  context.currentDepth = level;
  const entries = [];
  add?.(entries, level);
  for (let i = 0; i < keys.length; i++) ArrayPrototypePush(entries, formatProperty(context, value, level, keys[i], isList));
  if (context.showHidden) addInherited(context, entries, value, level);
  ArrayPrototypePop(context.seen);
  const index = context.circular === undefined ? undefined : MapPrototypeGet(context.circular, value);
  let start = open;
  if (index !== undefined) {
    const reference = context.stylize(`<ref *${index}>`, 'special');
    if (context.compact !== true) base = base === '' ? reference : `${reference} ${base}`;
    else start = `${reference} ${open}`;
  }
  if (context.sorted && !isList) ArrayPrototypeSort(entries, context.sorted === true ? undefined : context.sorted);
  const text = layOut(context, entries, base, start, close, isList, level, isList ? value : undefined);
  context.budget += text.length;
  if (context.budget > budget) context.depth = -1;
  return text;
}

/** Attributes that classes of the tenant's own define. */
function addInherited(context, entries, value, level) {
  const seen = [];
  for (let prototype = ObjectGetPrototypeOf(value); prototype !== null; prototype = ObjectGetPrototypeOf(prototype)) {
    const constructor = ObjectGetOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof constructor === 'function' && constructor === globalThis[constructor.name]) return;
    const names = ObjectGetOwnPropertyNames(prototype);
    for (let i = 0; i < names.length; i++) {
      const descriptor = ObjectGetOwnPropertyDescriptor(prototype, names[i]);
      if (names[i] === 'constructor' || ObjectHasOwn(value, names[i]) || ArrayPrototypeIncludes(seen, names[i]) || typeof descriptor.value === 'function') continue;
      ArrayPrototypePush(seen, names[i]);
      const text = ObjectHasOwn(descriptor, 'value') ? formatValue(context, descriptor.value, level) : formatGetter(context, value, descriptor, level);
      ArrayPrototypePush(entries, `${propertyName(context, names[i], false)}: ${text}`);
    }
  }
}

/** Interfaces of the platform look as they do on the console. */
function platformText(context, value, kind, level) {
  if (kind !== 'Object') return undefined;
  for (let prototype = ObjectGetPrototypeOf(value); prototype !== null; prototype = ObjectGetPrototypeOf(prototype)) {
    if (inspectionOf(prototype) === undefined) continue;
    const depth = context.depth === null ? Infinity : context.depth - level;
    return indentFollowing(inspectPlatform(value, depth), context.indentation);
  }
  return undefined;
}

const inBraces = (open, keys, add = undefined) => ({ base: '', open: `${open}{`, close: '}', isList: false, keys, add });
const withBase = (base, keys) => ({ base, open: '{', close: '}', isList: false, keys, add: undefined });

function describe(context, value, kind, name, tag, typed, level) {
  if (ArrayIsArray(value)) {
    const keys = extraKeys(value, context.showHidden);
    const start = name !== 'Array' || tag !== '' ? prefix(name, tag, 'Array', `(${value.length})`) : '';
    if (value.length === 0 && keys.length === 0) return `${start}[]`;
    return { base: '', open: `${start}[`, close: ']', isList: true, keys, add: (entries, depth) => addItems(context, entries, value, value.length, depth) };
  }
  if (typeof value === 'function') {
    const keys = keysOf(value, context.showHidden);
    const base = functionBase(value, name, tag);
    return keys.length === 0 ? context.stylize(base, 'special') : withBase(base, keys);
  }
  const view = TypedArrayPrototypeGetSymbolToStringTag(value);
  if (view !== undefined) return describeTypedArray(context, value, view, name, tag);
  if (kind === 'Arguments') {
    const keys = keysOf(value, context.showHidden);
    return keys.length === 0 ? '[Arguments] {}' : inBraces('[Arguments] ', keys);
  }
  const keys = keysOf(value, context.showHidden);
  switch (kind) {
    case 'Set': {
      const size = SetPrototypeGetSize(value);
      const start = prefix(name, tag, 'Set', `(${size})`);
      return size === 0 && keys.length === 0 ? `${start}{}` : inBraces(start, keys, (entries, depth) => addSet(context, entries, value, size, depth));
    }
    case 'Map': {
      const size = MapPrototypeGetSize(value);
      const start = prefix(name, tag, 'Map', `(${size})`);
      return size === 0 && keys.length === 0 ? `${start}{}` : inBraces(start, keys, (entries, depth) => addMap(context, entries, value, size, depth));
    }
    case 'RegExp': {
      const base = `${name === 'RegExp' ? '' : prefix(name, tag, 'RegExp')}${regExpText(value)}`;
      const tooDeep = context.depth !== null && level > context.depth;
      return keys.length === 0 || tooDeep ? context.stylize(base, 'regexp') : withBase(base, keys);
    }
    case 'Date': {
      const time = DatePrototypeGetTime(value);
      const base = `${name === 'Date' ? '' : prefix(name, tag, 'Date')}${time === time ? DatePrototypeToISOString(value) : 'Invalid Date'}`;
      return keys.length === 0 ? context.stylize(base, 'date') : withBase(base, keys);
    }
    case 'Error':
      return describeErrorObject(context, value, keys);
    case 'ArrayBuffer': {
      const start = prefix(name, tag, 'ArrayBuffer');
      if (typed) return inBraces(start, keys, (entries, depth) => addNamed(context, entries, 'byteLength', value.byteLength, depth));
      return inBraces(start, keys, (entries, depth) => addBuffer(context, entries, value, depth));
    }
    case 'DataView':
      return inBraces(prefix(name, tag, 'DataView'), keys, (entries, depth) => {
        addNamed(context, entries, 'byteLength', DataViewPrototypeGetByteLength(value), depth);
        addNamed(context, entries, 'byteOffset', DataViewPrototypeGetByteOffset(value), depth);
        addNamed(context, entries, 'buffer', DataViewPrototypeGetBuffer(value), depth);
      });
    case 'Promise':
      return inBraces(prefix(name, tag, 'Promise'), keys, (entries, depth) => addPromise(context, entries, value, depth));
    case 'WeakSet':
    case 'WeakMap':
      return inBraces(prefix(name, tag, kind), keys, (entries) => ArrayPrototypePush(entries, context.stylize('<items unknown>', 'special')));
    default:
      return describeBoxed(context, value, kind, name, tag, keys) ?? describePlain(value, kind, name, tag, keys);
  }
}

function describePlain(value, kind, name, tag, keys) {
  if (kind === 'Module') return inBraces('[Module: null prototype] ', keys);
  if (name === 'Object') {
    const start = value === globalThis ? 'Object [global] ' : tag === '' ? '' : prefix(name, tag, 'Object');
    return keys.length === 0 ? `${start}{}` : inBraces(start, keys);
  }
  const start = prefix(name, tag, 'Object');
  return keys.length === 0 ? `${start}{}` : inBraces(start, keys);
}

function describeTypedArray(context, value, view, name, tag) {
  const keys = extraKeys(value, context.showHidden);
  const length = TypedArrayPrototypeGetLength(value);
  const start = prefix(name, tag === view ? view : tag, view, `(${length})`);
  if (length === 0 && keys.length === 0 && !context.showHidden) return `${start}[]`;
  const add = (entries, level) => {
    addItems(context, entries, value, length, level);
    if (!context.showHidden) return;
    const extras = ['BYTES_PER_ELEMENT', 'length', 'byteLength', 'byteOffset', 'buffer'];
    context.indentation += 2;
    for (let i = 0; i < extras.length; i++) ArrayPrototypePush(entries, `[${extras[i]}]: ${formatValue(context, value[extras[i]], level, true)}`);
    context.indentation -= 2;
  };
  return { base: '', open: `${start}[`, close: ']', isList: true, keys, add };
}

function functionBase(value, name, tag) {
  const source = FunctionPrototypeToString(value);
  if (StringPrototypeStartsWith(source, 'class') && source[source.length - 1] === '}') return classBase(value, name, tag);
  let type = 'Function';
  if (StringPrototypeStartsWith(source, 'async function*') || (StringPrototypeStartsWith(source, 'async *'))) type = 'AsyncGeneratorFunction';
  const own = value[SymbolToStringTag];
  if (own === 'AsyncFunction' || own === 'GeneratorFunction' || own === 'AsyncGeneratorFunction') type = own;
  let base = `[${type}`;
  if (name === null) base += ' (null prototype)';
  base += value.name === '' ? ' (anonymous)]' : `: ${typeof value.name === 'string' ? value.name : formatValue({ ...defaults, seen: [], stylize: plain, indentation: 0 }, value.name, 0)}]`;
  if (name !== type && name !== null) base += ` ${name}`;
  if (tag !== '' && name !== tag) base += ` [${tag}]`;
  return base;
}

function classBase(value, name, tag) {
  const hasName = ObjectHasOwn(value, 'name');
  let base = `[class ${(hasName && value.name) || '(anonymous)'}`;
  if (name !== 'Function' && name !== null) base += ` [${name}]`;
  if (tag !== '' && name !== tag) base += ` [${tag}]`;
  if (name !== null) {
    const parent = ObjectGetPrototypeOf(value).name;
    if (parent) base += ` extends ${parent}`;
  } else {
    base += ' extends null';
  }
  return `${base}]`;
}

function describeErrorObject(context, value, keys) {
  const own = ['name', 'message', 'stack', 'fileName', 'lineNumber', 'columnNumber'];
  const stack = ObjectGetOwnPropertyDescriptor(value, 'stack');
  const header = `${value.name}${value.message === '' ? '' : `: ${value.message}`}`;
  let text = stack !== undefined && typeof stack.value !== 'string' ? header : describeError(value);
  if (!StringPrototypeIncludes(text, '\n    at ') && text[0] !== '[') text = `[${text}]`;
  const shown = [];
  for (let i = 0; i < keys.length; i++) {
    const at = ArrayPrototypeIndexOf(own, keys[i]);
    if (at === -1 || (at < 2 && !StringPrototypeIncludes(text, `${value[keys[i]]}`))) ArrayPrototypePush(shown, keys[i]);
  }
  const extras = ['cause', 'errors'];
  for (let i = 0; i < extras.length; i++) {
    if (ObjectHasOwn(value, extras[i]) && !ArrayPrototypeIncludes(shown, extras[i])) ArrayPrototypePush(shown, extras[i]);
  }
  const base = indentFollowing(text, context.indentation);
  return shown.length === 0 ? base : withBase(base, shown);
}

function describeBoxed(context, value, kind, name, tag, keys) {
  const unbox = boxes[kind];
  if (unbox === undefined) return undefined;
  const inner = unbox(value);
  if (kind === 'String') keys = extraKeys(value, context.showHidden);
  let base = `[${kind}`;
  if (kind !== name) base += name === null ? ' (null prototype)' : ` (${name})`;
  base += `: ${formatPrimitive({ ...context, stylize: plain, compact: true }, inner)}]`;
  if (tag !== '' && tag !== name) base += ` [${tag}]`;
  return keys.length === 0 ? context.stylize(base, kind === 'BigInt' ? 'bigint' : kind === 'String' ? 'string' : kind === 'Number' ? 'number' : kind === 'Symbol' ? 'symbol' : 'boolean') : withBase(base, keys);
}

// Contents.

const more = (count, noun = 'item') => `... ${count} more ${noun}${count > 1 ? 's' : ''}`;

function addItems(context, entries, value, length, level) {
  const limit = context.maxArrayLength < 0 ? 0 : context.maxArrayLength;
  let index = 0;
  while (index < length && entries.length < limit) {
    if (ObjectHasOwn(value, index)) {
      ArrayPrototypePush(entries, formatProperty(context, value, level, index, true));
      index++;
      continue;
    }
    // Long stretches of holes are passed by the keys that there are.
    const next = nextIndex(value, index, length);
    ArrayPrototypePush(entries, context.stylize(`<${next - index} empty item${next - index > 1 ? 's' : ''}>`, 'undefined'));
    index = next;
  }
  if (index < length) ArrayPrototypePush(entries, more(length - index));
}

function nextIndex(value, from, length) {
  if (length - from < 1000) {
    while (from < length && !ObjectHasOwn(value, from)) from++;
    return from;
  }
  const keys = ObjectKeys(value);
  for (let i = 0; i < keys.length; i++) if (RegExpPrototypeExec(arrayIndex, keys[i]) !== null && +keys[i] >= from) return +keys[i];
  return length;
}

function addSet(context, entries, value, size, level) {
  const limit = context.maxArrayLength < 0 ? 0 : context.maxArrayLength;
  context.indentation += 2;
  SetPrototypeForEach(value, (item) => {
    if (entries.length < limit) ArrayPrototypePush(entries, formatValue(context, item, level));
  });
  if (size > limit) ArrayPrototypePush(entries, more(size - limit));
  context.indentation -= 2;
}

function addMap(context, entries, value, size, level) {
  const limit = context.maxArrayLength < 0 ? 0 : context.maxArrayLength;
  context.indentation += 2;
  MapPrototypeForEach(value, (item, key) => {
    if (entries.length < limit) ArrayPrototypePush(entries, `${formatValue(context, key, level)} => ${formatValue(context, item, level)}`);
  });
  if (size > limit) ArrayPrototypePush(entries, more(size - limit));
  context.indentation -= 2;
}

function addNamed(context, entries, key, value, level) {
  context.indentation += 2;
  ArrayPrototypePush(entries, `${key}: ${formatValue(context, value, level)}`);
  context.indentation -= 2;
}

function addBuffer(context, entries, value, level) {
  if (ops.isArrayBufferDetached(value)) {
    ArrayPrototypePush(entries, context.stylize('(detached)', 'special'));
  } else {
    const bytes = new Uint8Array(value);
    const { length } = bytes;
    let contents = '';
    for (let i = 0; i < length && i < context.maxArrayLength && i < 50; i++) contents += `${i === 0 ? '' : ' '}${StringPrototypePadStart(ops.bufferDecode(bytes, 6, i, i + 1), 2, '0')}`;
    const limit = context.maxArrayLength < 50 ? context.maxArrayLength : 50;
    if (length > limit) contents += ` ${more(length - limit, 'byte')}`;
    ArrayPrototypePush(entries, `${context.stylize('[Uint8Contents]', 'special')}: <${contents}>`);
  }
  addNamed(context, entries, 'byteLength', value.byteLength, level);
}

function addPromise(context, entries, value, level) {
  const state = ops.promiseState(value);
  if (state === 0) {
    ArrayPrototypePush(entries, context.stylize('<pending>', 'special'));
    return;
  }
  context.indentation += 2;
  const text = formatValue(context, ops.promiseResult(value), level);
  context.indentation -= 2;
  ArrayPrototypePush(entries, state === 2 ? `${context.stylize('<rejected>', 'special')} ${text}` : text);
}

const identifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

/** `key: value`, or of an item the value alone. */
function formatProperty(context, object, level, key, inList) {
  const descriptor = ObjectGetOwnPropertyDescriptor(object, key) ?? { __proto__: null, value: object[key], enumerable: true };
  const isItem = inList && typeof key === 'number';
  let text;
  if (ObjectHasOwn(descriptor, 'value')) {
    const margin = context.compact !== true || inList ? 2 : 3;
    context.indentation += margin;
    text = formatValue(context, descriptor.value, level);
    context.indentation -= margin;
  } else if (descriptor.get !== undefined) {
    text = formatGetter(context, object, descriptor, level);
  } else {
    text = context.stylize(descriptor.set !== undefined ? '[Setter]' : 'undefined', descriptor.set !== undefined ? 'special' : 'undefined');
  }
  if (isItem) return text;
  return `${propertyName(context, key, descriptor.enumerable)}: ${text}`;
}

function formatGetter(context, object, descriptor, level) {
  const label = descriptor.set !== undefined ? 'Getter/Setter' : 'Getter';
  const { getters } = context;
  if (!getters || (getters === 'get' && descriptor.set !== undefined) || (getters === 'set' && descriptor.set === undefined)) return context.stylize(`[${label}]`, 'special');
  try {
    const value = ReflectApply(descriptor.get, object, []);
    context.indentation += 2;
    let text;
    if (value === null) text = `${context.stylize(`[${label}:`, 'special')} ${context.stylize('null', 'null')}${context.stylize(']', 'special')}`;
    else if (typeof value === 'object') text = `${context.stylize(`[${label}]`, 'special')} ${formatValue(context, value, level)}`;
    else text = `${context.stylize(`[${label}:`, 'special')} ${formatPrimitive(context, value)}${context.stylize(']', 'special')}`;
    context.indentation -= 2;
    return text;
  } catch (error) {
    return context.stylize(`[${label}: <Inspection threw (${error.message})>]`, 'special');
  }
}

function propertyName(context, key, enumerable) {
  if (typeof key === 'symbol') return `[${context.stylize(SymbolPrototypeToString(key), 'symbol')}]`;
  if (key === '__proto__') return "['__proto__']";
  if (enumerable === false) return `[${key}]`;
  if (typeof key === 'number' || RegExpPrototypeExec(identifier, key) !== null) return context.stylize(`${key}`, 'name');
  return context.stylize(quote(key), 'string');
}
