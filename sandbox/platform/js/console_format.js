// @ts-check
/**
 * The parts of the Console Standard that lay out several values: the formatter with its specifiers
 * (https://console.spec.whatwg.org/#formatter) and the table. Loaded when first used.
 */

import { indentLines, inspect, inspectBriefly } from './inspect.js';
import { currentStack } from './inspect_error.js';
import { isProxy, ownValue } from './inspect_object.js';
import { ops } from './ops.js';
import {
  ArrayIsArray, ArrayPrototypeIndexOf, ArrayPrototypePush, MapPrototypeForEach, NumberParseFloat, NumberParseInt,
  ObjectGetOwnPropertyDescriptor, ObjectHasOwn, ReflectOwnKeys, StringPrototypeIndexOf, StringPrototypePadEnd, StringPrototypeRepeat,
  StringPrototypeSlice,
} from './primordials.js';
import { SetPrototypeForEach } from './primordials/collections.js';

export { currentStack, indentLines, inspect };

const maxRows = 100;
const maxColumns = 20;
const maxCell = 200;

/** All arguments as one line of text; a first string may hold format specifiers. */
export function formatLog(args) {
  let text = '';
  let next = 0;
  if (args.length > 1 && typeof args[0] === 'string') ({ text, next } = applySpecifiers(args));
  for (; next < args.length; next++) {
    const value = args[next];
    text += `${next === 0 ? '' : ' '}${typeof value === 'string' ? value : inspect(value)}`;
  }
  return text;
}

function applySpecifiers(args) {
  const format = args[0];
  let text = '';
  let next = 1;
  let start = 0;
  for (;;) {
    const percent = StringPrototypeIndexOf(format, '%', start);
    if (percent === -1 || percent === format.length - 1) return { text: text + StringPrototypeSlice(format, start), next };
    const letter = format[percent + 1];
    text += StringPrototypeSlice(format, start, percent);
    start = percent + 2;
    if (letter === '%') text += '%';
    else if (next < args.length && isSpecifier(letter)) text += convert(letter, args[next++]);
    else text += `%${letter}`;
  }
}

function isSpecifier(letter) {
  return letter === 's' || letter === 'd' || letter === 'i' || letter === 'f' || letter === 'o' || letter === 'O' || letter === 'c';
}

function convert(letter, value) {
  switch (letter) {
    case 's':
      return inspectBriefly(value);
    case 'd':
      return typeof value === 'bigint' ? `${value}n` : inspect(numeric(value, (x) => +x));
    case 'i':
      return typeof value === 'bigint' ? `${value}n` : inspect(numeric(value, (x) => NumberParseInt(`${x}`, 10)));
    case 'f':
      return inspect(numeric(value, (x) => NumberParseFloat(`${x}`)));
    case 'o':
      return inspect(value, 4);
    case 'O':
      return inspect(value);
    default:
      // %c styles text, and a log has no style.
      return '';
  }
}

/** Converting an object or a symbol would run its code or throw. */
function numeric(value, parse) {
  return typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' ? NaN : parse(value);
}

/** Rows and columns of an object of objects as a table drawn with lines; `properties` chooses the columns. */
export function formatTable(data, properties) {
  if (isProxy(data)) return inspect(data);
  const columns = [];
  const rows = [];
  let hasValues = false;
  const chosen = properties === undefined ? undefined : stringItems(properties);
  eachRow(data, (index, value) => {
    const cells = { __proto__: null };
    const row = { index, cells, value: undefined };
    if (typeof value === 'object' && value !== null && !isProxy(value)) {
      addCells(value, cells, columns, chosen);
    } else {
      row.value = cell(value);
      hasValues = true;
    }
    ArrayPrototypePush(rows, row);
  });
  return draw(chosen ?? columns, rows, hasValues, isIterable(data));
}

function isIterable(data) {
  const kind = ops.classOf(data);
  return kind === 'Map' || kind === 'Set';
}

function eachRow(data, visit) {
  let count = 0;
  const add = (index, value) => {
    if (count++ < maxRows) visit(index, value);
  };
  const kind = ops.classOf(data);
  if (kind === 'Map') {
    MapPrototypeForEach(data, (value, key) => add(inspectBriefly(key), value));
  } else if (kind === 'Set') {
    let index = 0;
    SetPrototypeForEach(data, (value) => add(`${index++}`, value));
  } else {
    eachProperty(data, maxRows, add);
  }
}

/** Calls `visit(key, value)` for up to `limit` enumerable data properties with string keys. */
function eachProperty(object, limit, visit) {
  const keys = ReflectOwnKeys(object);
  for (let i = 0, count = 0; i < keys.length && count < limit; i++) {
    if (typeof keys[i] !== 'string') continue;
    const descriptor = ObjectGetOwnPropertyDescriptor(object, keys[i]);
    if (descriptor === undefined || !descriptor.enumerable || !ObjectHasOwn(descriptor, 'value')) continue;
    visit(keys[i], descriptor.value);
    count++;
  }
}

function addCells(value, cells, columns, chosen) {
  eachProperty(value, maxColumns, (key, item) => {
    if (chosen !== undefined && ArrayPrototypeIndexOf(chosen, key) === -1) return;
    if (ArrayPrototypeIndexOf(columns, key) === -1) {
      if (columns.length >= maxColumns) return;
      ArrayPrototypePush(columns, key);
    }
    cells[key] = cell(item);
  });
}

function cell(value) {
  const text = inspect(value, 0);
  const line = StringPrototypeIndexOf(text, '\n');
  return line === -1 && text.length <= maxCell ? text : `${StringPrototypeSlice(text, 0, line === -1 || line > maxCell ? maxCell : line)}…`;
}

function stringItems(list) {
  const items = [];
  if (isProxy(list) || !ArrayIsArray(list)) return items;
  for (let i = 0; i < list.length && items.length < maxColumns; i++) {
    const item = ownValue(list, i);
    if (typeof item === 'string') ArrayPrototypePush(items, item);
  }
  return items;
}

function draw(columns, rows, hasValues, iterated) {
  const heads = [iterated ? '(iteration index)' : '(index)'];
  for (let i = 0; i < columns.length; i++) ArrayPrototypePush(heads, columns[i]);
  if (hasValues) ArrayPrototypePush(heads, 'Values');
  const lines = [heads];
  for (let i = 0; i < rows.length; i++) {
    const { index, cells, value } = rows[i];
    const line = [index];
    for (let j = 0; j < columns.length; j++) ArrayPrototypePush(line, cells[columns[j]] ?? '');
    if (hasValues) ArrayPrototypePush(line, value ?? '');
    ArrayPrototypePush(lines, line);
  }
  const widths = [];
  for (let column = 0; column < heads.length; column++) {
    let width = 0;
    for (let i = 0; i < lines.length; i++) if (lines[i][column].length > width) width = lines[i][column].length;
    ArrayPrototypePush(widths, width + 2);
  }
  let text = `${rule(widths, '┌', '┬', '┐')}\n${row(lines[0], widths)}\n${rule(widths, '├', '┼', '┤')}\n`;
  for (let i = 1; i < lines.length; i++) text += `${row(lines[i], widths)}\n`;
  return text + rule(widths, '└', '┴', '┘');
}

function rule(widths, left, middle, right) {
  let text = left;
  for (let i = 0; i < widths.length; i++) text += StringPrototypeRepeat('─', widths[i]) + (i === widths.length - 1 ? right : middle);
  return text;
}

function row(cells, widths) {
  let text = '│';
  for (let i = 0; i < cells.length; i++) text += `${StringPrototypePadEnd(` ${cells[i]}`, widths[i])}│`;
  return text;
}
