// @ts-check
/** How `util.inspect` puts entries on lines, and where it colours (https://nodejs.org/docs/latest-v20.x/api/util.html#utilinspectobject-options). */

import {
  ArrayPrototypeJoin, ArrayPrototypePush, ObjectDefineProperty, RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypePadEnd,
  StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeSlice,
} from '../primordials.js';
import { MathFloor, MathMax, MathMin, MathPow } from '../primordials/math.js';

/** Opening and closing code of each style by name; as Node.js lists them. */
export const colors = {
  __proto__: null, reset: [0, 0], bold: [1, 22], dim: [2, 22], italic: [3, 23], underline: [4, 24], blink: [5, 25], inverse: [7, 27], hidden: [8, 28],
  strikethrough: [9, 29], doubleunderline: [21, 24], black: [30, 39], red: [31, 39], green: [32, 39], yellow: [33, 39], blue: [34, 39], magenta: [35, 39],
  cyan: [36, 39], white: [37, 39], bgBlack: [40, 49], bgRed: [41, 49], bgGreen: [42, 49], bgYellow: [43, 49], bgBlue: [44, 49], bgMagenta: [45, 49],
  bgCyan: [46, 49], bgWhite: [47, 49], framed: [51, 54], overlined: [53, 55], gray: [90, 39], redBright: [91, 39], greenBright: [92, 39],
  yellowBright: [93, 39], blueBright: [94, 39], magentaBright: [95, 39], cyanBright: [96, 39], whiteBright: [97, 39], bgGray: [100, 49],
  bgRedBright: [101, 49], bgGreenBright: [102, 49], bgYellowBright: [103, 49], bgBlueBright: [104, 49], bgMagentaBright: [105, 49], bgCyanBright: [106, 49],
  bgWhiteBright: [107, 49],
};
ObjectDefineProperty(colors, 'grey', { __proto__: null, value: colors.gray, writable: true, enumerable: false, configurable: true });

/** Which colour each kind of value has. */
export const styles = {
  __proto__: null, special: 'cyan', number: 'yellow', bigint: 'yellow', boolean: 'yellow', undefined: 'grey', null: 'bold', string: 'green', symbol: 'green',
  date: 'magenta', regexp: 'red', module: 'underline',
};

export function stylizeWithColor(text, kind) {
  const pair = colors[styles[kind]];
  return pair === undefined ? text : `\u001b[${pair[0]}m${text}\u001b[${pair[1]}m`;
}

const ansi = /[\u001b\u009b][[\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?(?:\u0007|\u001b\\|\u009c))|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~]))/;

/** The text without terminal codes. */
export function stripCodes(text) {
  let plain = '';
  for (;;) {
    const match = RegExpPrototypeExec(ansi, text);
    if (match === null) return plain + text;
    plain += StringPrototypeSlice(text, 0, match.index);
    text = StringPrototypeSlice(text, match.index + match[0].length);
  }
}

const shownLength = (context, text) => (context.colors ? stripCodes(text).length : text.length);

/** One value of `entries` between braces: on one line if they are few and short, else each on its own. */
export function layOut(context, entries, base, open, close, isList, level, value) {
  const start = base === '' ? open : `${base} ${open}`;
  if (context.compact === true) {
    if (fits(context, entries, 0, base)) return `${open}${base === '' ? '' : ` ${base}`} ${ArrayPrototypeJoin(entries, ', ')} ${close}`;
    const margin = `\n${StringPrototypeRepeat(' ', context.indentation)}`;
    const gap = base === '' && open.length === 1 ? ' ' : `${base === '' ? '' : ` ${base}`}${margin}  `;
    return `${open}${gap}${ArrayPrototypeJoin(entries, `,${margin}  `)} ${close}`;
  }
  if (typeof context.compact === 'number' && context.compact >= 1) {
    const count = entries.length;
    if (isList && count > 6) entries = inColumns(context, entries, value);
    // Few inner levels, and no columns were made.
    if (context.currentDepth - level < context.compact && count === entries.length) {
      if (fits(context, entries, entries.length + context.indentation + open.length + base.length + 10, base)) {
        const line = ArrayPrototypeJoin(entries, ', ');
        if (!StringPrototypeIncludes(line, '\n')) return `${start} ${line} ${close}`;
      }
    }
  }
  const margin = `\n${StringPrototypeRepeat(' ', context.indentation)}`;
  return `${start}${margin}  ${ArrayPrototypeJoin(entries, `,${margin}  `)}${margin}${close}`;
}

function fits(context, entries, start, base) {
  let total = entries.length + start;
  if (total + entries.length > context.breakLength) return false;
  for (let i = 0; i < entries.length; i++) {
    total += shownLength(context, entries[i]);
    if (total > context.breakLength) return false;
  }
  return base === '' || !StringPrototypeIncludes(base, '\n');
}

/** Many short items in columns of the same width, about as high as wide. */
function inColumns(context, entries, value) {
  // The last one may say how many were left out.
  const count = context.maxArrayLength < entries.length ? entries.length - 1 : entries.length;
  const lengths = [];
  let total = 0;
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const length = shownLength(context, entries[i]);
    ArrayPrototypePush(lengths, length);
    total += length + 2;
    if (length > longest) longest = length;
  }
  const widest = longest + 2;
  if (widest * 3 + context.indentation >= context.breakLength || (total / widest <= 5 && longest > 6)) return entries;
  const biased = MathMax(widest - 3 - MathPow(widest - total / entries.length, 0.5), 1);
  const columns = MathMin(
    MathFloor(MathPow(2.5 * biased * count, 0.5) / biased + 0.5),
    MathFloor((context.breakLength - context.indentation) / widest),
    context.compact * 4,
    15,
  );
  if (columns <= 1) return entries;
  const widths = [];
  for (let column = 0; column < columns; column++) {
    let width = 0;
    for (let i = column; i < count; i += columns) if (lengths[i] > width) width = lengths[i];
    ArrayPrototypePush(widths, width + 2);
  }
  let pad = StringPrototypePadStart;
  if (value !== undefined) {
    for (let i = 0; i < entries.length; i++) {
      if (typeof value[i] !== 'number' && typeof value[i] !== 'bigint') {
        pad = StringPrototypePadEnd;
        break;
      }
    }
  }
  const lines = [];
  for (let first = 0; first < count; first += columns) {
    const last = MathMin(first + columns, count) - 1;
    let line = '';
    for (let i = first; i < last; i++) line += pad(`${entries[i]}, `, widths[i - first] + entries[i].length - lengths[i], ' ');
    line += pad === StringPrototypePadStart ? pad(entries[last], widths[last - first] + entries[last].length - lengths[last] - 2, ' ') : entries[last];
    ArrayPrototypePush(lines, line);
  }
  if (count < entries.length) ArrayPrototypePush(lines, entries[count]);
  return lines;
}
