// @ts-check
/**
 * The Console Standard (https://console.spec.whatwg.org/). The printer is the tenant's log; what needs
 * more than joining strings is formatted by console_format.js, which is loaded when first used.
 */

import { lazy } from './lazy.js';
import { ops } from './ops.js';
import {
  ArrayPrototypePush, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeGetSize, MapPrototypeHas, MapPrototypeSet, ObjectCreate,
  ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectHasOwn, ObjectKeys, ObjectPrototype, StringPrototypeIncludes,
  StringPrototypeRepeat, StringPrototypeSlice, SymbolToStringTag,
} from './primordials.js';
import { Uint32Array, Uint8Array } from './primordials/buffers.js';
import { MathFloor } from './primordials/math.js';
import { converters } from './webidl.js';

const DEBUG = 0;
const LOG = 1;
const INFO = 2;
const WARN = 3;
const ERROR = 4;

/** Most bytes of UTF-8 that one call prints. */
const maxBytes = 16384;
/** Counters and timers that a tenant may keep by label; further labels are refused with a warning. */
const maxLabels = 1000;
const maxGroups = 100;

/** As in Node, groups are the process's: one that is not ended indents what later requests print, too. */
let groups = 0;
/** label → count */
let counts;
/** label → start in milliseconds */
let timers;

const methods = {
  assert(condition = false) {
    if (condition) return;
    const data = rest(arguments, 1);
    if (data.length === 0) print(ERROR, ['Assertion failed']);
    else if (typeof data[0] === 'string') print(ERROR, concat(`Assertion failed: ${data[0]}`, rest(data, 1)));
    else print(ERROR, concat('Assertion failed:', data));
  },

  clear() {
    groups = 0;
  },

  debug() {
    print(DEBUG, arguments);
  },

  error() {
    print(ERROR, arguments);
  },

  info() {
    print(INFO, arguments);
  },

  log() {
    print(LOG, arguments);
  },

  table(tabularData = undefined, properties = undefined) {
    if (typeof tabularData !== 'object' || tabularData === null) return print(LOG, arguments);
    printText(LOG, lazy('./console_format.js').formatTable(tabularData, properties));
  },

  trace() {
    const text = formatLog(arguments);
    printText(LOG, `Trace${text === '' ? '' : `: ${text}`}\n${lazy('./console_format.js').currentStack()}`);
  },

  warn() {
    print(WARN, arguments);
  },

  dir(item = undefined, options = undefined) {
    printText(LOG, lazy('./console_format.js').inspect(item, readDepth(options)));
  },

  dirxml() {
    print(LOG, arguments);
  },

  count(label = 'default') {
    label = converters.DOMString(label);
    counts ??= new Map();
    const count = (MapPrototypeGet(counts, label) ?? 0) + 1;
    if (count > 1 || MapPrototypeGetSize(counts) < maxLabels) MapPrototypeSet(counts, label, count);
    printText(INFO, `${label}: ${count}`);
  },

  countReset(label = 'default') {
    label = converters.DOMString(label);
    if (counts !== undefined && MapPrototypeHas(counts, label)) MapPrototypeSet(counts, label, 0);
    else printText(WARN, `Count for '${label}' does not exist`);
  },

  group() {
    if (arguments.length > 0) print(LOG, arguments);
    if (groups < maxGroups) groups++;
  },

  groupCollapsed() {
    if (arguments.length > 0) print(LOG, arguments);
    if (groups < maxGroups) groups++;
  },

  groupEnd() {
    if (groups > 0) groups--;
  },

  time(label = 'default') {
    label = converters.DOMString(label);
    timers ??= new Map();
    if (MapPrototypeHas(timers, label)) printText(WARN, `Timer '${label}' already exists`);
    else if (MapPrototypeGetSize(timers) >= maxLabels) printText(WARN, `Timer '${label}' is not started: there are too many`);
    else MapPrototypeSet(timers, label, ops.now());
  },

  timeLog(label = 'default') {
    label = converters.DOMString(label);
    const start = startOf(label);
    if (start === undefined) return;
    const data = rest(arguments, 1);
    printText(INFO, `${label}: ${formatDuration(ops.now() - start)}${data.length === 0 ? '' : ` ${formatLog(data)}`}`);
  },

  timeEnd(label = 'default') {
    label = converters.DOMString(label);
    const start = startOf(label);
    if (start === undefined) return;
    MapPrototypeDelete(timers, label);
    printText(INFO, `${label}: ${formatDuration(ops.now() - start)}`);
  },
};

/** The console namespace object, whose prototype is an empty object of its own. */
export const console = createNamespace();

/** The text of one call's arguments, as `console.log` prints it. */
export function formatLog(args) {
  const { length } = args;
  if (length === 0) return '';
  // The common case, strings without format specifiers, needs no inspector.
  const first = args[0];
  if (typeof first === 'string' && (length === 1 || !StringPrototypeIncludes(first, '%'))) {
    let text = first;
    let i = 1;
    for (; i < length && typeof args[i] === 'string'; i++) text += ` ${args[i]}`;
    if (i === length) return text;
  }
  return lazy('./console_format.js').formatLog(args);
}

function createNamespace() {
  const namespace = ObjectCreate(ObjectCreate(ObjectPrototype));
  const names = ObjectKeys(methods);
  for (let i = 0; i < names.length; i++) {
    ObjectDefineProperty(namespace, names[i], { __proto__: null, value: methods[names[i]], writable: true, enumerable: true, configurable: true });
  }
  ObjectDefineProperty(namespace, SymbolToStringTag, { __proto__: null, value: 'console', configurable: true });
  return namespace;
}

/** A line of standard output or error (`level`: 'log' or 'error'), which no group indents. */
export function printLine(level, text) {
  ops.log(level === 'error' ? ERROR : LOG, truncate(text));
}

function print(level, args) {
  if (args.length > 0) printText(level, formatLog(args));
}

function printText(level, text) {
  if (groups > 0) text = lazy('./console_format.js').indentLines(truncate(text), StringPrototypeRepeat('  ', groups));
  ops.log(level, truncate(text));
}

function truncate(text) {
  // One UTF-16 unit is at most three bytes.
  if (text.length * 3 <= maxBytes) return text;
  const mark = '… (cut)';
  const written = new Uint32Array(2);
  ops.utf8EncodeInto(text, new Uint8Array(maxBytes - 16), written);
  return written[0] === text.length ? text : StringPrototypeSlice(text, 0, written[0]) + mark;
}

function startOf(label) {
  const start = timers === undefined ? undefined : MapPrototypeGet(timers, label);
  if (start === undefined) printText(WARN, `Timer '${label}' does not exist`);
  return start;
}

function formatDuration(milliseconds) {
  if (milliseconds >= 1000) return `${MathFloor(milliseconds) / 1000}s`;
  return `${MathFloor(milliseconds * 1000) / 1000}ms`;
}

function readDepth(options) {
  if (typeof options !== 'object' || options === null || ops.classOf(options) === 'Proxy') return undefined;
  const descriptor = ObjectGetOwnPropertyDescriptor(options, 'depth');
  const depth = descriptor !== undefined && ObjectHasOwn(descriptor, 'value') ? descriptor.value : undefined;
  return depth === null ? Infinity : typeof depth === 'number' ? depth : undefined;
}

function rest(args, start) {
  const values = [];
  for (let i = start; i < args.length; i++) ArrayPrototypePush(values, args[i]);
  return values;
}

function concat(first, values) {
  const all = [first];
  for (let i = 0; i < values.length; i++) ArrayPrototypePush(all, values[i]);
  return all;
}
