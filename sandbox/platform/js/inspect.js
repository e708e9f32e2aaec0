// @ts-check
/**
 * Values as text for the Console Standard's formatter (https://console.spec.whatwg.org/#formatter), readable
 * like other runtimes'. Loaded when first used.
 *
 * Nothing here runs tenant code: no getter, no `toString`, no trap of a proxy. What is asked of an
 * object goes through captured built-ins, after `ops.classOf` has told that it is no proxy.
 */

import { describeError, errorExtras } from './inspect_error.js';
import { constructorName, isProxy, maxChain, ownValue, stringProperty } from './inspect_object.js';
import { ops } from './ops.js';
import {
  ArrayPrototypeIndexOf, ArrayPrototypePop, ArrayPrototypePush, BigIntPrototypeValueOf, BooleanPrototypeValueOf,
  FunctionPrototypeToString, Map, MapPrototypeForEach, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeSet, NumberPrototypeToString,
  NumberPrototypeValueOf, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn, ObjectIs, ReflectApply, ReflectOwnKeys,
  RegExpFlagGetters, RegExpPrototypeExec, RegExpPrototypeGetSource, StringPrototypeCharCodeAt, StringPrototypeIncludes,
  StringPrototypeIndexOf, StringPrototypePadStart, StringPrototypeSlice, StringPrototypeStartsWith, StringPrototypeToUpperCase,
  StringPrototypeValueOf, SymbolPrototypeToString, SymbolPrototypeValueOf, SymbolToStringTag,
} from './primordials.js';
import {
  DataViewPrototypeGetBuffer, DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag, Uint8Array,
} from './primordials/buffers.js';
import { DatePrototypeGetTime, DatePrototypeToISOString } from './primordials/date.js';
import { SetPrototypeForEach, SetPrototypeGetSize } from './primordials/collections.js';
import { inspectionOf } from './webidl.js';

const defaultDepth = 2;
/** Levels of nesting that are shown however deep the caller asks to look; keeps the recursion finite. */
const maxDepth = 50;
const maxItems = 100;
const maxStringLength = 10000;
/** Units of text after which the rest of a value is left out; more than a call may print. */
const maxUnits = 32768;
/** Keys beside the indices are looked for in arrays up to this length: to list keys is to make a string of each index. */
const maxArrayWithKeys = 1000;
/** Holes that are counted before the rest of a sparse array is left out. */
const maxScanned = 10000;
const lineWidth = 76;
/** Items of lists up to this length share lines. */
const shortEntry = 26;

/** `value` as text; objects nested deeper than `depth` levels appear by name. Never throws. */
export function inspect(value, depth = defaultDepth) {
  const context = { depth: depth < maxDepth ? depth : maxDepth, path: [], references: undefined, left: maxUnits };
  try {
    return formatValue(context, value);
  } catch {
    return '[value that cannot be shown]';
  }
}

/** `value` in at most one level and without quotes around a string: for `%s` and table cells. */
export function inspectBriefly(value) {
  return typeof value === 'string' ? value : inspect(value, 0);
}

/** `text` with `margin` before each line. */
export function indentLines(text, margin) {
  let indented = margin;
  let start = 0;
  for (;;) {
    const end = StringPrototypeIndexOf(text, '\n', start);
    if (end === -1) return indented + StringPrototypeSlice(text, start);
    indented += StringPrototypeSlice(text, start, end + 1) + margin;
    start = end + 1;
  }
}

function formatValue(context, value) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    const text = formatPrimitive(value);
    context.left -= text.length + 2;
    return text;
  }
  context.left -= 8;
  const kind = ops.classOf(value);
  if (kind === 'Proxy') return typeof value === 'function' ? '[Function: Proxy]' : '[Proxy]';
  if (ArrayPrototypeIndexOf(context.path, value) !== -1) return `[Circular *${referenceTo(context, value)}]`;
  const nested = context.path.length > context.depth;
  if (nested && kind !== 'Error' && kind !== 'Date' && kind !== 'RegExp' && typeof value !== 'function') return `[${constructorName(value) ?? `${kind}: null prototype`}]`;

  ArrayPrototypePush(context.path, value);
  const text = layOut(describe(context, value, kind, nested), context.path.length);
  ArrayPrototypePop(context.path);
  const reference = context.references === undefined ? undefined : MapPrototypeGet(context.references, value);
  return reference === undefined ? text : `<ref *${reference}> ${text}`;
}

function referenceTo(context, value) {
  const references = (context.references ??= new Map());
  let index = MapPrototypeGet(references, value);
  if (index === undefined) {
    index = MapPrototypeGetSize(references) + 1;
    MapPrototypeSet(references, value, index);
  }
  return index;
}

// Primitives.

function formatPrimitive(value) {
  switch (typeof value) {
    case 'string':
      if (value.length <= maxStringLength) return quote(value);
      return `${quote(StringPrototypeSlice(value, 0, maxStringLength))}... ${value.length - maxStringLength} more characters`;
    case 'number':
      return ObjectIs(value, -0) ? '-0' : `${value}`;
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return SymbolPrototypeToString(value);
    default:
      return `${value}`;
  }
}

const needsEscape = /[\x00-\x1f\x7f-\x9f'\\\ud800-\udfff]/;

/** A string literal that means `string`. */
export function quote(string) {
  if (RegExpPrototypeExec(needsEscape, string) === null) return `'${string}'`;
  let mark = "'";
  if (StringPrototypeIncludes(string, "'")) {
    if (!StringPrototypeIncludes(string, '"')) mark = '"';
    else if (!StringPrototypeIncludes(string, '`') && !StringPrototypeIncludes(string, '${')) mark = '`';
  }
  let quoted = mark;
  for (let i = 0; i < string.length; i++) {
    const unit = StringPrototypeCharCodeAt(string, i);
    if (unit >= 0xd800 && unit <= 0xdbff && isTrail(string, i + 1)) {
      quoted += string[i] + string[i + 1];
      i++;
    } else {
      quoted += escapeUnit(unit, string[i], mark);
    }
  }
  return quoted + mark;
}

function isTrail(string, index) {
  const unit = index < string.length ? StringPrototypeCharCodeAt(string, index) : 0;
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function escapeUnit(unit, character, mark) {
  if (character === mark || character === '\\') return `\\${character}`;
  switch (unit) {
    case 0x08:
      return '\\b';
    case 0x09:
      return '\\t';
    case 0x0a:
      return '\\n';
    case 0x0c:
      return '\\f';
    case 0x0d:
      return '\\r';
  }
  if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return `\\x${StringPrototypeToUpperCase(hex(unit, 2))}`;
  if (unit >= 0xd800 && unit <= 0xdfff) return `\\u${hex(unit, 4)}`;
  return character;
}

function hex(number, digits) {
  return StringPrototypePadStart(NumberPrototypeToString(number, 16), digits, '0');
}

// Objects: a description is `{ base, open, close, entries, list }`. `base` alone stands for the object when
// there are no entries; `list` lets many short entries share lines.

function describe(context, value, kind, nested) {
  const description = describeKind(context, value, kind);
  if (nested) description.entries = [];
  else addProperties(context, value, kind, description);
  return description;
}

function describeKind(context, value, kind) {
  if (typeof value === 'function') return withBase(functionBase(value));
  const view = TypedArrayPrototypeGetSymbolToStringTag(value);
  if (view !== undefined) return describeItems(context, value, TypedArrayPrototypeGetLength(value), prefix(value, view, TypedArrayPrototypeGetLength(value)));
  switch (kind) {
    case 'Array':
      return describeItems(context, value, value.length, arrayPrefix(value));
    case 'Arguments':
      return describeItems(context, value, argumentsLength(value), '[Arguments] ');
    case 'Error':
      return describeErrorObject(context, value);
    case 'Map':
      return describeMap(context, value);
    case 'Set':
      return describeSet(context, value);
    case 'Promise':
      return inBraces(prefix(value, kind), [promiseEntry(context, value)]);
    case 'ArrayBuffer':
      return inBraces(prefix(value, kind), bufferEntries(value));
    case 'DataView':
      return inBraces(prefix(value, kind), [
        `byteLength: ${DataViewPrototypeGetByteLength(value)}`,
        `byteOffset: ${DataViewPrototypeGetByteOffset(value)}`,
        `buffer: ${formatValue(context, DataViewPrototypeGetBuffer(value))}`,
      ]);
    case 'WeakMap':
    case 'WeakSet':
      return inBraces(prefix(value, kind), ['<items unknown>']);
    case 'Date':
      return withBase(dateText(value));
    case 'RegExp':
      return withBase(regExpText(value));
    default:
      return describeBoxed(context, value, kind) ?? describePlain(context, value, kind);
  }
}

const inBraces = (start, entries) => ({ base: '', open: `${start}{`, close: '}', entries, list: false });
const withBase = (base) => ({ base, open: '{', close: '}', entries: [], list: false });

/** "Name(size) [Tag] ", as it stands before a brace. */
function prefix(value, kind, size = undefined) {
  const name = constructorName(value);
  const amount = size === undefined ? '' : `(${size})`;
  const tag = stringProperty(value, SymbolToStringTag);
  const label = tag === undefined || tag === '' || tag === name || tag === kind ? '' : `[${tag}] `;
  if (name === null) return `[${kind}${amount}: null prototype] ${label}`;
  return `${name}${amount} ${label}`;
}

function arrayPrefix(value) {
  const start = prefix(value, 'Array', value.length);
  return start === `Array(${value.length}) ` ? '' : start;
}

function argumentsLength(value) {
  const length = ownValue(value, 'length');
  return typeof length === 'number' ? length : 0;
}

function functionBase(value) {
  const name = ownValue(value, 'name');
  const title = typeof name === 'string' && name !== '' ? name : undefined;
  if (StringPrototypeStartsWith(FunctionPrototypeToString(value), 'class')) {
    const parent = ObjectGetPrototypeOf(value);
    const parentName = typeof parent === 'function' && !isProxy(parent) ? ownValue(parent, 'name') : undefined;
    return `[class ${title ?? '(anonymous)'}${typeof parentName === 'string' && parentName !== '' ? ` extends ${parentName}` : ''}]`;
  }
  const type = stringProperty(value, SymbolToStringTag) ?? 'Function';
  return title === undefined ? `[${type} (anonymous)]` : `[${type}: ${title}]`;
}

function describeItems(context, value, length, start) {
  const entries = [];
  let index = 0;
  while (index < length && entries.length < maxItems && index < maxScanned && context.left > 0) {
    const descriptor = ObjectGetOwnPropertyDescriptor(value, index);
    if (descriptor !== undefined) {
      ArrayPrototypePush(entries, formatDescriptor(context, descriptor));
      index++;
      continue;
    }
    const first = index;
    while (index < length && index < maxScanned && ObjectGetOwnPropertyDescriptor(value, index) === undefined) index++;
    ArrayPrototypePush(entries, `<${index - first} empty item${index - first === 1 ? '' : 's'}>`);
  }
  if (index < length) ArrayPrototypePush(entries, more(length - index, 'item'));
  return { base: '', open: `${start}[`, close: ']', entries, list: true };
}

const more = (count, noun) => `... ${count} more ${noun}${count === 1 ? '' : 's'}`;

function describeErrorObject(context, value) {
  const description = withBase(describeError(value));
  const extras = errorExtras(value);
  for (let i = 0; i < extras.length; i += 2) ArrayPrototypePush(description.entries, `[${extras[i]}]: ${formatValue(context, extras[i + 1])}`);
  return description;
}

function describeMap(context, value) {
  const size = MapPrototypeGetSize(value);
  const entries = [];
  MapPrototypeForEach(value, (item, key) => {
    if (entries.length < maxItems && context.left > 0) ArrayPrototypePush(entries, `${formatValue(context, key)} => ${formatValue(context, item)}`);
  });
  if (entries.length < size) ArrayPrototypePush(entries, more(size - entries.length, 'item'));
  return inBraces(prefix(value, 'Map', size), entries);
}

function describeSet(context, value) {
  const size = SetPrototypeGetSize(value);
  const entries = [];
  SetPrototypeForEach(value, (item) => {
    if (entries.length < maxItems && context.left > 0) ArrayPrototypePush(entries, formatValue(context, item));
  });
  if (entries.length < size) ArrayPrototypePush(entries, more(size - entries.length, 'item'));
  return { ...inBraces(prefix(value, 'Set', size), entries), list: true };
}

function promiseEntry(context, value) {
  switch (ops.promiseState(value)) {
    case 0:
      return '<pending>';
    case 1:
      return formatValue(context, ops.promiseResult(value));
    default:
      return `<rejected> ${formatValue(context, ops.promiseResult(value))}`;
  }
}

function bufferEntries(value) {
  if (ops.isArrayBufferDetached(value)) return ['(detached)', 'byteLength: 0'];
  const bytes = new Uint8Array(value);
  const { length } = bytes;
  let contents = '';
  for (let i = 0; i < length && i < 50; i++) contents += `${i === 0 ? '' : ' '}${hex(bytes[i], 2)}`;
  if (length > 50) contents += ` ${more(length - 50, 'byte')}`;
  return [`[Uint8Contents]: <${contents}>`, `byteLength: ${length}`];
}

function dateText(value) {
  const time = DatePrototypeGetTime(value);
  return time === time ? DatePrototypeToISOString(value) : 'Invalid Date';
}

export function regExpText(value) {
  let flags = '';
  const letters = 'dgimsuvy';
  for (let i = 0; i < letters.length; i++) if (RegExpFlagGetters[letters[i]](value)) flags += letters[i];
  return `/${RegExpPrototypeGetSource(value)}/${flags}`;
}

/** What is in an object that holds a primitive, by its class. */
export const boxes = {
  __proto__: null,
  BigInt: BigIntPrototypeValueOf,
  Boolean: BooleanPrototypeValueOf,
  Number: NumberPrototypeValueOf,
  String: StringPrototypeValueOf,
  Symbol: SymbolPrototypeValueOf,
};

function describeBoxed(context, value, kind) {
  const unbox = boxes[kind];
  return unbox === undefined ? undefined : withBase(`[${kind}: ${formatPrimitive(unbox(value))}]`);
}

function describePlain(context, value, kind) {
  const start = value === globalThis ? 'Object [global] ' : prefix(value, kind);
  const description = inBraces(start === 'Object ' ? '' : start, []);
  const { entries } = description;
  // A platform object shows its attributes and pairs, read by the platform's own functions.
  let prototype = ObjectGetPrototypeOf(value);
  for (let i = 0; i < maxChain && prototype !== null && !isProxy(prototype); i++) {
    const inspection = inspectionOf(prototype);
    if (inspection !== undefined) addInspection(context, value, inspection, entries);
    prototype = ObjectGetPrototypeOf(prototype);
  }
  return description;
}

function addInspection(context, value, { getters, getEntries }, entries) {
  try {
    if (getters !== undefined) {
      for (let i = 0; i < getters.length; i += 2) {
        ArrayPrototypePush(entries, `${getters[i]}: ${formatValue(context, ReflectApply(getters[i + 1], value, []))}`);
      }
    }
    if (getEntries === undefined) return;
    const pairs = getEntries(value);
    for (let i = 0; i < pairs.length && i < 2 * maxItems && context.left > 0; i += 2) {
      ArrayPrototypePush(entries, `${formatValue(context, pairs[i])} => ${formatValue(context, pairs[i + 1])}`);
    }
  } catch {
    // Something that merely inherits from the interface's prototype has no state to show.
  }
}

function addProperties(context, value, kind, { entries, list }) {
  const indexed = kind === 'String' || kind === 'Arguments' || (list && kind !== 'Set');
  if (indexed && lengthOf(value) > maxArrayWithKeys) return;
  const keys = ReflectOwnKeys(value);
  let shown = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (indexed && typeof key === 'string' && RegExpPrototypeExec(arrayIndex, key) !== null) continue;
    const descriptor = propertyOf(value, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    if (shown === maxItems || context.left <= 0) {
      ArrayPrototypePush(entries, more(keys.length - i, 'key'));
      return;
    }
    ArrayPrototypePush(entries, `${formatKey(key)}: ${formatDescriptor(context, descriptor)}`);
    shown++;
  }
}

const arrayIndex = /^(?:0|[1-9][0-9]*)$/;
const identifier = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

function lengthOf(value) {
  if (TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined) return TypedArrayPrototypeGetLength(value);
  return ownValue(value, 'length') ?? 0;
}

/** A binding of a module that is still being evaluated cannot be read. */
function propertyOf(value, key) {
  try {
    return ObjectGetOwnPropertyDescriptor(value, key);
  } catch {
    return { value: '<uninitialized>', enumerable: true };
  }
}

function formatKey(key) {
  if (typeof key === 'symbol') return `[${SymbolPrototypeToString(key)}]`;
  return RegExpPrototypeExec(identifier, key) !== null ? key : quote(key);
}

function formatDescriptor(context, descriptor) {
  if (ObjectHasOwn(descriptor, 'value')) return formatValue(context, descriptor.value);
  if (descriptor.get === undefined) return '[Setter]';
  return descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]';
}

// Layout.

function layOut({ base, open, close, entries, list }, level) {
  if (entries.length === 0) return base !== '' ? base : `${open}${close}`;
  const start = base === '' ? open : `${base} ${open}`;
  let width = start.length + close.length + 2 * level;
  let oneLine = !StringPrototypeIncludes(base, '\n');
  let longest = 0;
  for (let i = 0; i < entries.length; i++) {
    width += entries[i].length + 2;
    if (entries[i].length > longest) longest = entries[i].length;
    if (StringPrototypeIncludes(entries[i], '\n')) oneLine = false;
  }
  if (oneLine && width <= lineWidth) return `${start} ${join(entries)} ${close}`;
  const lines = list && oneLine && longest <= shortEntry ? fillLines(entries) : entries;
  let text = start;
  for (let i = 0; i < lines.length; i++) text += `\n${indentLines(lines[i], '  ')}${i === lines.length - 1 ? '' : ','}`;
  return `${text}\n${close}`;
}

function join(entries) {
  let text = entries[0];
  for (let i = 1; i < entries.length; i++) text += `, ${entries[i]}`;
  return text;
}

function fillLines(entries) {
  const lines = [entries[0]];
  for (let i = 1; i < entries.length; i++) {
    const last = lines.length - 1;
    if (lines[last].length + entries[i].length + 2 <= lineWidth - 4) lines[last] += `, ${entries[i]}`;
    else ArrayPrototypePush(lines, entries[i]);
  }
  return lines;
}
