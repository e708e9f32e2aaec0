// Calls of built-ins with arguments that keep them busy, one in a case, for `run.mjs` beside this file. It looks for
// those that do not notice when the watchdog interrupts them.
//
// `prepare` makes the arguments, at top level, where the driver allows much CPU time; `call` is the one call that is
// measured, within the CPU limit of a request. Both get to know the isolate's memory in bytes: arguments are as large as
// it allows, so that a case shows what a tenant with that much memory can do. What `prepare` returns is all that lives.

const MiB = 2 ** 20;

/** The driver reads the names; an isolate runs one case. */
export const cases = {};

function add(area, entries) {
  for (const [name, [about, prepare, call]] of Object.entries(entries)) cases[name] = { area, about, prepare, call };
}

/** A flat string, and not one that shares the bytes of another or waits to be joined. */
const text = (unit, units) => {
  const made = unit.repeat(Math.max(1, Math.floor(units / unit.length)));
  made.indexOf('\u0001');
  return made;
};

/** A list without holes, filled by `at`. */
const list = (length, at) => {
  const made = [];
  for (let index = 0; index < length; index++) made.push(at(index));
  return made;
};

/** Numbers in an order that no sort finds easy, the same each time. */
const scattered = (length) => {
  let state = 12345;
  return list(length, () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff));
};

/** Numbers whose bits the engine's unseeded hash maps to one value: `hash(low, high) = g * (rotl5(g * low) ^ high)`. */
const collidingNumbers = (length) => {
  const words = new Uint32Array(2);
  const double = new Float64Array(words.buffer);
  return list(length, (index) => {
    let low = index + 1;
    for (;; low += 0x100000) {
      const hash = Math.imul(0x9e3779b9, low);
      words[0] = low;
      words[1] = ((hash << 5) | (hash >>> 27)) ^ 0x5a5a5a5a;
      const exponent = (words[1] >>> 20) & 0x7ff;
      // Neither a NaN, which is made one of all, nor what may be an integer, which is kept as another type.
      if (exponent !== 0x7ff && (exponent < 0x3ff || exponent > 0x420)) return double[0];
    }
  });
};

/** Strings of two-byte characters with the same unseeded hash: at each step, pairs that lead to the same state. */
const collidingStrings = (length) => {
  const golden = 0x9e3779b9;
  const add = (hash, unit) => Math.imul(golden, ((hash << 5) | (hash >>> 27)) ^ unit) >>> 0;
  const rotated = (hash) => ((hash << 5) | (hash >>> 27)) >>> 0;
  let made = [''];
  let state = 0;
  while (made.length < length) {
    const buckets = new Map();
    let best = [];
    for (let unit = 0x3400; unit < 0xd000; unit++) {
      const next = rotated(add(state, unit));
      const bucket = buckets.getOrInsertComputed(next >>> 16, () => []);
      bucket.push([unit, next]);
      if (bucket.length > best.length) best = bucket;
    }
    const [[, base]] = best;
    // Any second unit in the middle of the range will do; the others follow from it.
    const second = 0x6000;
    const pairs = best
      .map(([unit, next]) => [unit, second ^ next ^ base])
      .filter(([, unit]) => (unit & 0xffff) === unit && unit > 0x20 && unit !== 0x22 && unit !== 0x5c && (unit < 0xd800 || unit > 0xdfff));
    const endings = pairs.map(([first, second]) => String.fromCharCode(first, second));
    made = made.flatMap((start) => endings.map((ending) => start + ending)).slice(0, length);
    state = add(add(state, best[0][0]), second);
  }
  for (const one of made) one.indexOf('a');
  return made;
};

/** An object at the end of a chain of prototypes. */
const chain = (length) => {
  let object = Object.create(null);
  for (let index = 0; index < length; index++) object = Object.create(object);
  return object;
};

const chainedHoles = (length, links) => {
  const array = new Array(length);
  // An array that is not empty and not packed: each hole is looked for along the chain.
  array[0] = 1;
  array[length - 1] = 1;
  Object.setPrototypeOf(array, chain(links));
  return array;
};

/** A rewriter with as many selectors as it takes, and a document. */
const rewriting = (count, selector, html) => {
  const rewriter = new HTMLRewriter();
  for (let index = 0; index < count; index++) rewriter.on(selector(index), { element() {} });
  return { rewriter, html };
};

const bytes = (length) => new Uint8Array(length).fill(0xa5);

const linked = (length) => {
  let head = null;
  for (let index = 0; index < length; index++) head = { head };
  return head;
};

const spread = (properties) => {
  const object = {};
  for (let index = 0; index < properties; index++) object['p' + index] = index;
  return object;
};

/** The largest BigInt has 2^20 bits. */
const bits = (count) => (1n << BigInt(count)) - 12345n;

// A text in which the search for the other always nearly succeeds.
const haystack = (memory) => ({ hay: text('a', memory / 4), needle: text('a', memory / 8) + 'b' });

add('String', {
  'String.prototype.indexOf': ['nearly the text, over and over', haystack, ({ hay, needle }) => hay.indexOf(needle)],
  'String.prototype.lastIndexOf': ['same', (m) => ({ hay: text('a', m / 4), needle: text('a', m / 8) + 'b' }), ({ hay, needle }) => hay.lastIndexOf(needle)],
  'String.prototype.includes': ['same', haystack, ({ hay, needle }) => hay.includes(needle)],
  'String.prototype.split (string)': ['same', haystack, ({ hay, needle }) => hay.split(needle).length],
  'String.prototype.replace (string)': ['same', haystack, ({ hay, needle }) => hay.replace(needle, '').length],
  'String.prototype.replaceAll (string)': ['same', haystack, ({ hay, needle }) => hay.replaceAll(needle, '').length],
  'String.prototype.search (plain)': ['a regular expression without operators', haystack, ({ hay, needle }) => hay.search(needle)],
  'String.prototype.indexOf (4 KiB)': ['a needle of 4 KiB', (m) => ({ hay: text('a', m / 4), needle: text('a', 4096) + 'b' }), ({ hay, needle }) => hay.indexOf(needle)],
  'String.prototype.indexOf (200)': ['a needle of 200', (m) => ({ hay: text('a', m / 2), needle: text('a', 200) + 'b' }), ({ hay, needle }) => hay.indexOf(needle)],
  "String.prototype.split ('')": ['into characters', (m) => text('abcdefgh', m / 24), (s) => s.split('').length],
  'String.prototype.split (commas)': ['into nothings', (m) => text(',', m / 24), (s) => s.split(',').length],
  'String.prototype.split (words)': ['into short strings', (m) => text('abcdefghijklmnopqrstuvwxyz,', m / 6), (s) => s.split(',').length],
  'String.prototype.replaceAll (patterns)': ["'$&$&' for each character", (m) => text('ab', m / 64), (s) => s.replaceAll('a', '$&$&').length],
  "String.prototype.replaceAll ('')": ['between all characters', (m) => text('ab', m / 16), (s) => s.replaceAll('', '-').length],
  'String.prototype.repeat': ['as long as memory allows', (m) => m, (m) => 'ab'.repeat(m * 0.4).length],
  'String.prototype.padStart': ['same', (m) => m, (m) => 'x'.padStart(m * 0.8, 'long').length],
  'String.prototype.concat (rope)': ['a rope, flattened', (m) => list(20, (i) => text(String(i % 10), m / 50)).reduce((all, one) => all + one), (s) => s.lastIndexOf('q')],
  'String.prototype.concat (deep rope)': ['a rope of short pieces, flattened', (m) => { let s = ''; for (let i = 0; i < m / 64; i++) s += 'abcdefghijklmnopqrstuvwxyz'; return s; }, (s) => s.lastIndexOf('q')],
  'String.prototype.normalize (NFC)': ['marks in the wrong order', (m) => 'a' + text('\u0301\u0316', m / 16), (s) => s.normalize('NFC').length],
  'String.prototype.normalize (NFD)': ['same, few', () => 'a' + text('\u0301\u0316', 40000), (s) => s.normalize('NFD').length],
  'String.prototype.normalize (blocks)': ['all of one class, then all of a lower one', (m) => 'a' + text('\u0301', m / 32) + text('\u0316', m / 32), (s) => s.normalize('NFD').length],
  'String.prototype.normalize (NFKD)': ['what becomes 18 characters', (m) => text('\ufdfa', m / 80), (s) => s.normalize('NFKD').length],
  'String.prototype.localeCompare': ['two equal texts', (m) => [text('éa', m / 6), text('éa', m / 6)], ([a, b]) => a.localeCompare(b)],
  'String.prototype.localeCompare (marks)': ['two texts of marks', (m) => [text('\u0301\u0316', m / 16), text('\u0316\u0301', m / 16)], ([a, b]) => a.localeCompare(b)],
  'String.prototype.toUpperCase': ['what becomes longer', (m) => text('ßa', m / 6), (s) => s.toUpperCase().length],
  'String.prototype.toLowerCase': ['final sigmas', (m) => text('Σ.', m / 8), (s) => s.toLowerCase().length],
  'String.prototype.toLowerCase (sigma)': ['a sigma after what is skipped, again and again', (m) => text('\u0345Σ', m / 8), (s) => s.toLowerCase().length],
  'String.prototype.toLocaleUpperCase': ['lt', (m) => text('i\u0307', m / 12), (s) => s.toLocaleUpperCase('lt').length],
  'String.prototype.toLocaleLowerCase': ['lt', (m) => text('I\u0300', m / 12), (s) => s.toLocaleLowerCase('lt').length],
  'String.prototype.toLocaleLowerCase (tr)': ['dots far from their letter', (m) => 'I' + text('\u0316', m / 12), (s) => s.toLocaleLowerCase('tr').length],
  'String.prototype.toLocaleLowerCase (tr, many)': ['many letters and marks', (m) => text('I\u0316\u0316\u0316', m / 12), (s) => s.toLocaleLowerCase('tr').length],
  'String.prototype.isWellFormed': ['long', (m) => text('\u4e00', m / 3), (s) => s.isWellFormed()],
  'String.prototype.toWellFormed': ['all broken', (m) => text('\ud800', m / 6), (s) => s.toWellFormed().length],
  'String.prototype.trim': ['nothing but space', (m) => text(' ', m * 0.8), (s) => s.trim().length],
  'String.prototype.anchor': ['quotes', (m) => text('"', m / 24), (s) => 'x'.anchor(s).length],
  'String.prototype.startsWith': ['equal', (m) => [text('a', m * 0.4), text('a', m * 0.4)], ([a, b]) => a.startsWith(b)],
  'String ===': ['equal', (m) => [text('a', m * 0.35), text('a', m * 0.35)], ([a, b]) => a === b],
  'String <': ['equal, of two widths', (m) => [text('a', m * 0.15), text('a', m * 0.15 - 1) + '\u4e00'], ([a, b]) => a < b],
  'String.raw': ['many pieces', (m) => list(m / 40, () => 'ab'), (raw) => String.raw({ raw }).length],
  'String.fromCharCode': ['as many arguments as there may be', () => list(499000, (i) => i & 0xffff), (units) => String.fromCharCode.apply(null, units).length],
  encodeURIComponent: ['what becomes nine characters', (m) => text('\u4e00', m / 40), (s) => encodeURIComponent(s).length],
  decodeURIComponent: ['three bytes a character', (m) => text('%E4%B8%80', m / 4), (s) => decodeURIComponent(s).length],
  escape: ['two bytes a character', (m) => text('\u4e00', m / 20), (s) => escape(s).length],
  unescape: ['same', (m) => text('%u4e00', m / 12), (s) => unescape(s).length],
  'Symbol.for': ['a long name', (m) => text('x', m * 0.4), (s) => Symbol.for(s).description.length],
  'Property key': ['a long one', (m) => text('x', m * 0.4), (s) => s in {}],
});

add('Number', {
  parseInt: ['digits', (m) => text('7', m * 0.4), (s) => parseInt(s)],
  'parseInt (radix)': ['36', (m) => text('z', m * 0.4), (s) => parseInt(s, 36)],
  'parseInt (binary)': ['2', (m) => text('1', m * 0.4), (s) => parseInt(s, 2)],
  parseFloat: ['a long fraction', (m) => '0.' + text('3', m * 0.4), (s) => parseFloat(s)],
  Number: ['a long fraction', (m) => '0.' + text('3', m * 0.4), (s) => Number(s)],
  'Number (hex)': ['0x…', (m) => '0x' + text('f', m * 0.4), (s) => Number(s)],
  'Number.prototype.toString': ['radix 3', () => 5e-324, (n) => n.toString(3).length],
  'Number.prototype.toLocaleString': ['100 digits', () => 1.7e308, (n) => n.toLocaleString('ar-u-nu-arab', { minimumFractionDigits: 100 }).length],
  'Math.max': ['as many arguments as there may be', () => scattered(499000), (n) => Math.max.apply(null, n)],
  'Math.hypot': ['same', () => scattered(499000), (n) => Math.hypot.apply(null, n)],
  'Math.sumPrecise': ['all exponents', (m) => list(m / 24, (i) => 2 ** ((i * 37) % 2000 - 1000)), (n) => Math.sumPrecise(n)],
});

const full = 2 ** 20;
add('BigInt', {
  'BigInt *': ['2^20 bits', () => [bits(full / 2), bits(full / 2) - 3n], ([a, b]) => typeof (a * b)],
  'BigInt /': ['2^20 by 2^19 bits', () => [bits(full - 256), bits(full / 2)], ([a, b]) => typeof (a / b)],
  'BigInt %': ['same', () => [bits(full - 256), bits(full / 2)], ([a, b]) => typeof (a % b)],
  'BigInt **': ['up to 2^20 bits', () => [3n, BigInt(Math.floor(full / Math.log2(3)) - 1)], ([a, b]) => typeof (a ** b)],
  'BigInt <<': ['2^20 bits', () => [bits(full / 2), BigInt(full / 2 - 2)], ([a, b]) => typeof (a << b)],
  'BigInt.prototype.toString': ['2^20 bits, base 10', () => bits(full - 1), (n) => n.toString().length],
  'BigInt.prototype.toString (3)': ['base 3', () => bits(full - 1), (n) => n.toString(3).length],
  'BigInt.prototype.toString (hex)': ['base 16', () => bits(full - 1), (n) => n.toString(16).length],
  'BigInt.prototype.toLocaleString': ['2^20 bits', () => bits(full - 1), (n) => n.toLocaleString('de').length],
  BigInt: ['300,000 digits', () => text('9', 300000), (s) => typeof BigInt(s)],
  'BigInt (too long)': ['digits beyond what may be', (m) => text('9', m / 4), (s) => typeof BigInt(s)],
  'BigInt (hex)': ['0x…', () => '0x' + text('f', full / 4), (s) => typeof BigInt(s)],
  'BigInt == string': ['300,000 digits', () => [bits(full - 1), text('9', 300000)], ([a, b]) => a == b],
  'BigInt.asIntN': ['2^20 bits', () => -bits(full - 1), (n) => typeof BigInt.asIntN(full - 1, n)],
  'Intl.NumberFormat.prototype.format (BigInt)': ['2^20 bits', () => bits(full - 1), (n) => new Intl.NumberFormat('de').format(n).length],
  'Array.prototype.sort (BigInts)': ['equal ones of 2^19 bits', (m) => { const a = bits(full / 2), b = bits(full / 2); return list(m / 64, (i) => (i % 2 ? a : b)); }, (a) => a.includes(1n)],
  'Array.prototype.join (BigInt)': ['one of 2^18 bits, many times', () => { const n = bits(full / 4); return list(2000, () => n); }, (a) => a.join().length],
  'Array.prototype.indexOf (BigInts)': ['equal ones of 2^20 bits', (m) => { const a = bits(full - 256); const b = a - 1n; return [list(m / 40, () => a), b]; }, ([a, n]) => a.indexOf(n)],
  'new Set (BigInts)': ['one of 2^20 bits, many times', (m) => { const a = bits(full - 1); return list(m / 32, () => a); }, (a) => new Set(a).size],
  'BigUint64Array.prototype.fill': ['long', (m) => new BigUint64Array(m / 12), (a) => a.fill(5n).length],
});

const number = (name, unit) => [name, (m) => '[' + text(unit + ',', m / 8) + '1]', (s) => JSON.parse(s).length];
add('JSON', {
  'JSON.parse (numbers)': number('many', '1'),
  'JSON.parse (fractions)': number('many', '1.234567890123456789e-300'),
  'JSON.parse (empty arrays)': ['many', (m) => '[' + text('[],', m / 24) + '1]', (s) => JSON.parse(s).length],
  'JSON.parse (objects)': ['many', (m) => '[' + text('{"a":1},', m / 10) + '1]', (s) => JSON.parse(s).length],
  'JSON.parse (strings)': ['many', (m) => '[' + text('"abcdefghijklmnopqrstuvwxyz0123456789",', m / 4) + '1]', (s) => JSON.parse(s).length],
  'JSON.parse (one string)': ['long', (m) => '"' + text('a', m * 0.35) + '"', (s) => JSON.parse(s).length],
  'JSON.parse (escapes)': ['long', (m) => '"' + text('\\u4e00', m * 0.15) + '"', (s) => JSON.parse(s).length],
  'JSON.parse (one number)': ['long', (m) => text('7', m * 0.4), (s) => JSON.parse(s)],
  'JSON.parse (depth)': ['deep', (m) => text('[', m / 60) + text(']', m / 60), (s) => typeof JSON.parse(s)],
  'JSON.parse (properties)': ['many of one object', (m) => `{${list(m / 500, (i) => `"property${i}":${i}`).join()}}`, (s) => typeof JSON.parse(s)],
  'JSON.parse (same property)': ['again and again', (m) => '{' + text('"a":1,', m / 8) + '"a":1}', (s) => typeof JSON.parse(s)],
  'JSON.parse (indices)': ['from the last to the first', (m) => `{${list(m / 100, (i) => `"${10000000 - i}":1`).join()}}`, (s) => typeof JSON.parse(s)],
  'JSON.parse (collisions)': ['30,000 names of one hash', () => `{${collidingStrings(30000).map((s) => `"${s}":1`).join()}}`, (s) => typeof JSON.parse(s)],
  'JSON.parse (white space)': ['long', (m) => text(' ', m * 0.8) + '1', (s) => JSON.parse(s)],
  'JSON.stringify (one string)': ['escapes', (m) => text('\u0001', m / 32), (s) => JSON.stringify(s).length],
  'JSON.stringify (numbers)': ['many', (m) => scattered(m / 50), (a) => JSON.stringify(a).length],
  'JSON.stringify (fractions)': ['many', (m) => list(m / 60, (i) => Math.sqrt(i + 0.1)), (a) => JSON.stringify(a).length],
  'JSON.stringify (properties)': ['many of one object', (m) => spread(m / 200), (o) => JSON.stringify(o).length],
  'JSON.stringify (indented)': ['deep, ten spaces each', () => { let o = []; for (let i = 0; i < 1500; i++) o = [o, o.length > 1 ? 1 : 2]; return o; }, (o) => JSON.stringify(o, null, 10).length],
  'JSON.stringify (shared)': ['one object, 2^24 times', () => { let o = 1; for (let i = 0; i < 24; i++) o = [o, o]; return o; }, (o) => JSON.stringify(o).length],
  'JSON.stringify (holes)': ['a long array of nothing', () => new Array(2 ** 32 - 1), (a) => JSON.stringify(a).length],
  'JSON.stringify (chain)': ['holes along a chain of prototypes', () => chainedHoles(20000, 20000), (a) => JSON.stringify(a).length],
  'JSON.stringify (list of names)': ['many', (m) => list(m / 200, (i) => 'n' + i), (names) => JSON.stringify({}, names)],
  'JSON.rawJSON': ['long', (m) => '"' + text('a', m * 0.2) + '"', (s) => typeof JSON.rawJSON(s)],
});

const longEqual = (m) => {
  const [a, b] = [text('a', m / 4), text('a', m / 4)];
  return { a, b, mixed: list(20000, (i) => (i % 2 ? a : b)), same: list(20000, () => a) };
};
add('Array', {
  'Array.prototype.sort (numbers)': ['many', (m) => scattered(m / 48), (a) => a.sort()[0]],
  'Array.prototype.sort (strings)': ['many', (m) => scattered(m / 100).map((n) => 'item' + n), (a) => a.sort()[0]],
  'Array.prototype.sort (long strings)': ['equal and long', longEqual, ({ mixed }) => mixed.sort().length],
  'Array.prototype.sort (native comparator)': ['Math.max', (m) => scattered(m / 48), (a) => a.sort(Math.max)[0]],
  'Array.prototype.toSorted': ['many', (m) => scattered(m / 64), (a) => a.toSorted()[0]],
  'Array.prototype.indexOf (long strings)': ['equal but for the end', (m) => [longEqual(m).same, text('a', m / 4 - 1) + 'b'], ([a, b]) => a.indexOf((b.indexOf('c'), b))],
  'Array.prototype.includes (long strings)': ['same', (m) => [longEqual(m).same, text('a', m / 4 - 1) + 'b'], ([a, b]) => a.includes((b.indexOf('c'), b))],
  'Array.prototype.lastIndexOf (long strings)': ['same', (m) => [longEqual(m).same, text('a', m / 4 - 1) + 'b'], ([a, b]) => a.lastIndexOf((b.indexOf('c'), b))],
  'Array.prototype.indexOf': ['long', (m) => scattered(m / 24), (a) => a.indexOf(-1)],
  'Array.prototype.includes': ['long', (m) => scattered(m / 24), (a) => a.includes(-1)],
  'Array.prototype.indexOf (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.indexOf.call(a, 1)],
  'Array.prototype.lastIndexOf (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.lastIndexOf.call(a, 1)],
  'Array.prototype.includes (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.includes.call(a, 1)],
  'Array.prototype.reverse (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.reverse.call(a)],
  'Array.prototype.join (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.join.call(a, '')],
  'Array.prototype.sort (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.sort.call(a)],
  'Array.prototype.shift (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.shift.call(a)],
  'Array.prototype.unshift (array-like)': ['length 2^53-2', () => ({ length: 2 ** 53 - 2 }), (a) => typeof Array.prototype.unshift.call(a, 1)],
  'Array.prototype.splice (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.splice.call(a, 0, 1)],
  'Array.prototype.slice (array-like)': ['length 2^32-1', () => ({ length: 2 ** 32 - 1 }), (a) => typeof Array.prototype.slice.call(a)],
  'Array.prototype.fill (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.fill.call(a, 1)],
  'Array.prototype.copyWithin (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => typeof Array.prototype.copyWithin.call(a, 1)],
  'Array.prototype.concat (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true }), (a) => [].concat(a).length],
  'Array.prototype.toReversed (array-like)': ['length 2^32-1', () => ({ length: 2 ** 32 - 1 }), (a) => typeof Array.prototype.toReversed.call(a)],
  'Array.prototype.toSpliced (array-like)': ['length 2^32-1', () => ({ length: 2 ** 32 - 1 }), (a) => typeof Array.prototype.toSpliced.call(a, 0, 0)],
  'Array.prototype.with (array-like)': ['length 2^32-1', () => ({ length: 2 ** 32 - 1 }), (a) => typeof Array.prototype.with.call(a, 0, 0)],
  'Array.prototype.flat (array-like)': ['length 2^53-1', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.flat.call(a).length],
  'Array.prototype.keys': ['length 2^53-1, native callbacks', () => ({ length: 2 ** 53 - 1 }), (a) => Array.prototype.every.call(a, Math.max)],
  'Array.prototype.reduce': ['a native callback', (m) => scattered(m / 24), (a) => a.reduce(Math.max)],
  'Array.prototype.join (holes)': ['length 2^32-1', () => new Array(2 ** 32 - 1), (a) => a.join('').length],
  'Array.prototype.join (numbers)': ['many', (m) => scattered(m / 50), (a) => a.join().length],
  'Array.prototype.join (nested)': ['arrays of arrays, 2^24 elements', () => { let a = [1]; for (let i = 0; i < 24; i++) a = [a, a]; return a; }, (a) => a.join('').length],
  'Array.prototype.toString': ['strings', (m) => list(m / 24, () => 'ab'), (a) => a.toString().length],
  'Array.prototype.toLocaleString': ['numbers', (m) => scattered(m / 100), (a) => a.toLocaleString('de').length],
  'Array.prototype.reverse': ['long', (m) => scattered(m / 24), (a) => a.reverse().length],
  'Array.prototype.reverse (sparse)': ['two elements, length 2^32-1', () => { const a = [1]; a[2 ** 32 - 2] = 1; return a; }, (a) => a.reverse().length],
  'Array.prototype.sort (sparse)': ['two elements, length 2^32-1', () => { const a = [2]; a[2 ** 32 - 2] = 1; return a; }, (a) => a.sort().length],
  'Array.prototype.indexOf (sparse)': ['same', () => { const a = [2]; a[2 ** 32 - 2] = 1; return a; }, (a) => a.indexOf(7)],
  'Array.prototype.slice (sparse)': ['many elements, length 2^32-1', (m) => { const a = []; for (let i = 0; i < m / 400; i++) a[i * 1000] = 1; a[2 ** 32 - 2] = 1; return a; }, (a) => a.slice(1).length],
  'Array.prototype.splice (sparse)': ['same', (m) => { const a = []; for (let i = 0; i < m / 400; i++) a[i * 1000] = 1; a[2 ** 32 - 2] = 1; return a; }, (a) => a.splice(1, 1).length],
  'Array length (sparse)': ['cut, many elements', (m) => { const a = []; for (let i = 0; i < m / 200; i++) a[i * 1000] = 1; return a; }, (a) => (a.length = 0)],
  'Array length': ['cut', (m) => scattered(m / 24), (a) => (a.length = 0)],
  'Array.prototype.fill': ['long', (m) => new Array(Math.floor(m / 12)), (a) => a.fill(1).length],
  'Array.prototype.copyWithin': ['long', (m) => scattered(m / 24), (a) => a.copyWithin(1, 0).length],
  'Array.prototype.slice': ['long', (m) => scattered(m / 24), (a) => a.slice().length],
  'Array.prototype.concat': ['one array, many times', (m) => [scattered(m / 2400), 100], ([a, n]) => a.concat(...list(n, () => a)).length],
  'Array.prototype.concat (many)': ['as many arguments as there may be', () => list(400000, () => [1, 2]), (a) => [].concat.apply([], a).length],
  'Array.prototype.flat': ['nested', (m) => list(m / 600, () => [[1], [2]]), (a) => a.flat(Infinity).length],
  'Array.prototype.splice': ['in the middle', (m) => scattered(m / 24), (a) => a.splice(10, 1).length],
  'Array.prototype.unshift': ['at the front of many', (m) => scattered(m / 30), (a) => a.unshift(1, 2, 3)],
  'Array.prototype.toSpliced': ['long', (m) => scattered(m / 24), (a) => a.toSpliced(1, 1).length],
  'Array.prototype.with': ['long', (m) => scattered(m / 24), (a) => a.with(1, 1).length],
  'Array.prototype.toReversed': ['long', (m) => scattered(m / 24), (a) => a.toReversed().length],
  'Array.from (set)': ['long', (m) => new Set(scattered(m / 80)), (s) => Array.from(s).length],
  'Array.from (string)': ['long', (m) => text('ab', m / 16), (s) => Array.from(s).length],
  '[...string]': ['long', (m) => text('ab', m / 16), (s) => [...s].length],
  '[...array]': ['long', (m) => scattered(m / 24), (a) => [...a].length],
  'Array.of': ['as many arguments as there may be', () => scattered(499000), (a) => Array.of.apply(null, a).length],
  'Array.prototype.push': ['as many arguments as there may be', () => scattered(499000), (a) => [].push.apply([], a)],
  'Array.fromAsync': ['long', (m) => scattered(m / 100), (a) => Array.fromAsync(a).then((b) => b.length)],
  'Array.prototype.indexOf (chain)': ['holes along a chain of prototypes', () => chainedHoles(20000, 100000), (a) => Array.prototype.indexOf.call(a, 7)],
  'Array.prototype.slice (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Array.prototype.slice.call(a, 0).length],
  'Array.prototype.sort (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Array.prototype.sort.call(a).length],
  'Array.prototype.reverse (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Array.prototype.reverse.call(a).length],
  'Array.prototype.concat (chain)': ['same', () => chainedHoles(20000, 100000), (a) => [].concat(a).length],
  'Function.prototype.apply (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Math.max.apply(null, a)],
  'Reflect.apply (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Reflect.apply(Math.max, null, a)],
  'Array.prototype.join (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Array.prototype.join.call(a).length],
  'new Uint8Array (chain)': ['same', () => chainedHoles(20000, 100000), (a) => new Uint8Array(a).length],
  'Array.prototype.flat (chain)': ['same', () => chainedHoles(20000, 100000), (a) => Array.prototype.flat.call(a).length],
  'structuredClone (chain)': ['same', () => chainedHoles(20000, 100000), (a) => structuredClone(a).length],
});

/** A typed array of so much of memory, in no order: a piece, again and again, as filling it one by one takes long. */
const grown = (kind, share) => (memory) => {
  const Kind = globalThis[kind];
  const made = new Kind(Math.floor((memory * share) / Kind.BYTES_PER_ELEMENT));
  made.set(scattered(Math.min(made.length, 1_000_003)));
  for (let filled = 1_000_003; filled < made.length; filled *= 2) made.copyWithin(filled, 0, filled);
  return made;
};
add('TypedArray', {
  'Float64Array.prototype.sort': ['long', grown('Float64Array', 0.4), (a) => a.sort().length],
  'Float64Array.prototype.toSorted': ['long', grown('Float64Array', 0.28), (a) => a.toSorted().length],
  'Uint8Array.prototype.sort': ['long', grown('Uint8Array', 0.8), (a) => a.sort().length],
  'Int16Array.prototype.sort': ['long', grown('Int16Array', 0.4), (a) => a.sort().length],
  'Float16Array.prototype.sort': ['long', grown('Float16Array', 0.4), (a) => a.sort().length],
  'Int32Array.prototype.sort': ['long', grown('Int32Array', 0.4), (a) => a.sort().length],
  'Uint32Array.prototype.sort (all of memory)': ['no room for a copy', grown('Uint32Array', 0.8), (a) => a.sort().length],
  'BigInt64Array.prototype.sort': ['long', (m) => { const a = new BigInt64Array(m / 20); for (let i = 0; i < a.length; i++) a[i] = BigInt((i * 48271) % 1000003); return a; }, (a) => a.sort().length],
  'Float64Array.prototype.set (array)': ['long', (m) => [new Float64Array(Math.ceil(m / 40)), scattered(m / 40)], ([t, a]) => t.set(a)],
  'Float64Array.prototype.set (strings)': ['numbers as long strings', (m) => { const s = '0.' + text('3', m / 4); s.indexOf('x'); return [new Float64Array(5000), list(5000, () => s)]; }, ([t, a]) => t.set(a)],
  'Float64Array.prototype.set (bytes)': ['of another type', (m) => [new Float64Array(m / 12), bytes(Math.floor(m / 12))], ([t, a]) => t.set(a)],
  'Uint8Array.prototype.set (array-like)': ['without elements', (m) => [new Uint8Array(m * 0.8), { length: Math.floor(m * 0.8) }], ([t, a]) => t.set(a)],
  'new Uint8Array (array-like)': ['without elements', (m) => ({ length: Math.floor(m * 0.8) }), (a) => new Uint8Array(a).length],
  'new Uint8Array (strings)': ['numbers as long strings', (m) => { const s = '0.' + text('3', m / 4); s.indexOf('x'); return list(5000, () => s); }, (a) => new Uint8Array(a).length],
  'new Float64Array (array)': ['long', (m) => scattered(m / 40), (a) => new Float64Array(a).length],
  'new Float64Array (bytes)': ['of another type', (m) => bytes(Math.floor(m / 12)), (a) => new Float64Array(a).length],
  'TypedArray.from': ['a set', (m) => new Set(scattered(m / 100)), (a) => Uint8Array.from(a).length],
  'Uint8Array.prototype.fill': ['long', (m) => new Uint8Array(m * 0.85), (a) => a.fill(7).length],
  'Float64Array.prototype.fill': ['long', (m) => new Float64Array(m * 0.1), (a) => a.fill(7).length],
  'Uint8Array.prototype.indexOf': ['not there', (m) => new Uint8Array(m * 0.85), (a) => a.indexOf(7)],
  'Uint8Array.prototype.lastIndexOf': ['not there', (m) => new Uint8Array(m * 0.85), (a) => a.lastIndexOf(7)],
  'Uint8Array.prototype.includes': ['not there', (m) => new Uint8Array(m * 0.85), (a) => a.includes(7)],
  'Float64Array.prototype.includes': ['not there', (m) => new Float64Array(m * 0.1), (a) => a.includes(NaN)],
  'Uint8Array.prototype.join': ['long', (m) => new Uint8Array(m / 8), (a) => a.join('').length],
  'Float64Array.prototype.join': ['fractions', (m) => Float64Array.from({ length: m / 80 }, (_, i) => Math.sqrt(i)), (a) => a.join().length],
  'Uint8Array.prototype.reverse': ['long', (m) => new Uint8Array(m * 0.85), (a) => a.reverse().length],
  'Uint8Array.prototype.toReversed': ['long', (m) => new Uint8Array(m * 0.42), (a) => a.toReversed().length],
  'Uint8Array.prototype.slice': ['long', (m) => new Uint8Array(m * 0.42), (a) => a.slice().length],
  'Uint8Array.prototype.with': ['long', (m) => new Uint8Array(m * 0.42), (a) => a.with(0, 1).length],
  'Uint8Array.prototype.copyWithin': ['long', (m) => new Uint8Array(m * 0.85), (a) => a.copyWithin(1, 0).length],
  'Uint8Array.prototype.toLocaleString': ['long', (m) => new Uint8Array(m / 200), (a) => a.toLocaleString().length],
  'Uint8Array.prototype.toBase64': ['long', (m) => bytes(Math.floor(m * 0.35)), (a) => a.toBase64().length],
  'Uint8Array.prototype.toHex': ['long', (m) => bytes(Math.floor(m * 0.25)), (a) => a.toHex().length],
  'Uint8Array.fromBase64': ['long', (m) => text('QUJD', m * 0.4), (s) => Uint8Array.fromBase64(s).length],
  'Uint8Array.fromBase64 (white space)': ['nothing else', (m) => text(' ', m * 0.4), (s) => Uint8Array.fromBase64(s).length],
  'Uint8Array.fromHex': ['long', (m) => text('4a', m * 0.5), (s) => Uint8Array.fromHex(s).length],
  'ArrayBuffer.prototype.slice': ['long', (m) => new ArrayBuffer(m * 0.42), (b) => b.slice(0).byteLength],
  'ArrayBuffer.prototype.transfer': ['to a longer one', (m) => new ArrayBuffer(m * 0.4), (b) => b.transfer(b.byteLength + 4096).byteLength],
  'ArrayBuffer.prototype.resize': ['back and forth', (m) => new ArrayBuffer(16, { maxByteLength: m * 0.8 }), (b) => b.resize(b.maxByteLength)],
  'new ArrayBuffer': ['long', (m) => m * 0.85, (n) => new ArrayBuffer(n).byteLength],
  'Object.keys (typed array)': ['long', (m) => new Uint8Array(m / 90), (a) => Object.keys(a).length],
  'Reflect.ownKeys (typed array)': ['long', (m) => new Uint8Array(m / 20), (a) => Reflect.ownKeys(a).length],
});

add('Map and Set', {
  'new Set': ['many', (m) => scattered(m / 90), (a) => new Set(a).size],
  'new Set (strings)': ['many', (m) => scattered(m / 160).map((n) => 'i' + n), (a) => new Set(a).size],
  'new Set (collisions)': ['100,000 numbers of one hash', () => collidingNumbers(100000), (a) => new Set(a).size],
  'new Set (string collisions)': ['30,000 strings of one hash', () => collidingStrings(30000), (a) => new Set(a).size],
  'new Map': ['many', (m) => list(m / 200, (i) => [i, i]), (a) => new Map(a).size],
  'new Map (collisions)': ['100,000 numbers of one hash', () => collidingNumbers(100000).map((n) => [n, 1]), (a) => new Map(a).size],
  'new WeakSet': ['many', (m) => list(m / 200, () => ({})), (a) => typeof new WeakSet(a)],
  'Map.groupBy': ['a native callback', (m) => scattered(m / 200), (a) => Map.groupBy(a, Math.abs).size],
  'Map.groupBy (collisions)': ['same, of one hash', () => collidingNumbers(100000), (a) => Map.groupBy(a, Number).size],
  'Object.groupBy': ['a native callback', (m) => scattered(m / 400), (a) => Object.keys(Object.groupBy(a, String)).length],
  'Set.prototype.union': ['large', (m) => [new Set(scattered(m / 200)), new Set(list(m / 200, (i) => -i))], ([a, b]) => a.union(b).size],
  'Set.prototype.union (collisions)': ['20,000 and 20,000 of one hash', () => { const n = collidingNumbers(40000); return [new Set(n.slice(0, 20000)), new Set(n.slice(20000))]; }, ([a, b]) => a.union(b).size],
  'Set.prototype.intersection': ['large', (m) => [new Set(scattered(m / 160)), new Set(scattered(m / 160))], ([a, b]) => a.intersection(b).size],
  'Set.prototype.intersection (collisions)': ['20,000 and 20,000 of one hash', () => { const n = collidingNumbers(40000); return [new Set(n.slice(0, 20000)), new Set(n.slice(20000))]; }, ([a, b]) => a.intersection(b).size],
  'Set.prototype.difference': ['large', (m) => [new Set(scattered(m / 160)), new Set(scattered(m / 160))], ([a, b]) => a.difference(b).size],
  'Set.prototype.symmetricDifference': ['large', (m) => [new Set(scattered(m / 200)), new Set(list(m / 200, (i) => -i))], ([a, b]) => a.symmetricDifference(b).size],
  'Set.prototype.isSubsetOf': ['large', (m) => [new Set(scattered(m / 160)), new Set(scattered(m / 160))], ([a, b]) => a.isSubsetOf(b)],
  'Set.prototype.isSubsetOf (collisions)': ['20,000 of one hash', () => { const n = collidingNumbers(20000); return [new Set(n), new Set(n)]; }, ([a, b]) => a.isSubsetOf(b)],
  'Set.prototype.isDisjointFrom': ['large', (m) => [new Set(scattered(m / 160)), new Set(list(m / 160, (i) => -i - 1))], ([a, b]) => a.isDisjointFrom(b)],
  'Set.prototype.clear': ['large', (m) => new Set(scattered(m / 60)), (s) => s.clear()],
  'Map.prototype.delete': ['what makes a large one shrink', (m) => { const s = new Set(scattered(m / 60)); const all = [...s]; const keep = Math.floor(all.length / 4); for (const one of all.slice(keep)) s.delete(one); return [s, all[0]]; }, ([s, n]) => s.delete(n)],
  'Set.prototype.add (rehash)': ['what makes a large one grow', (m) => { const s = new Set(); const n = 2 ** Math.floor(Math.log2(m / 100)); for (let i = 0; i < n * 2; i++) s.add(i); return s; }, (s) => { for (let i = 0; i < 10; i++) s.add(-1 - i); return s.size; }],
  'Set.prototype.forEach': ['a native callback', (m) => new Set(scattered(m / 60)), (s) => s.forEach(Math.max)],
  '[...set]': ['large', (m) => new Set(scattered(m / 80)), (s) => [...s].length],
});

add('Object', {
  'Object.fromEntries': ['many', (m) => list(m / 250, (i) => ['n' + i, i]), (a) => typeof Object.fromEntries(a)],
  'Object.fromEntries (collisions)': ['30,000 names of one hash', () => collidingStrings(30000).map((s) => [s, 1]), (a) => typeof Object.fromEntries(a)],
  'Object.assign': ['many', (m) => spread(m / 300), (o) => typeof Object.assign({}, o)],
  'Object.assign (collisions)': ['20,000 names of one hash', () => { const o = {}; for (const s of collidingStrings(20000)) o[s] = 1; return o; }, (o) => typeof Object.assign({}, o)],
  '{...object}': ['many', (m) => spread(m / 300), (o) => typeof { ...o }],
  'Object.keys': ['many', (m) => spread(m / 300), (o) => Object.keys(o).length],
  'Object.keys (array)': ['long', (m) => scattered(m / 80), (o) => Object.keys(o).length],
  'Object.keys (string)': ['long', (m) => new String(text('x', m / 80)), (o) => Object.keys(o).length],
  'Object.getOwnPropertyNames': ['long', (m) => scattered(m / 80), (o) => Object.getOwnPropertyNames(o).length],
  'Object.entries': ['long', (m) => scattered(m / 200), (o) => Object.entries(o).length],
  'Object.values': ['long', (m) => scattered(m / 40), (o) => Object.values(o).length],
  'Object.freeze (array)': ['long', (m) => scattered(m / 30), (o) => Object.freeze(o).length],
  'Object.freeze': ['many', (m) => spread(m / 240), (o) => typeof Object.freeze(o)],
  'Object.seal (array)': ['long', (m) => scattered(m / 30), (o) => Object.seal(o).length],
  'Object.isFrozen': ['long', (m) => { const a = scattered(m / 60); Object.freeze(a); return a; }, (o) => Object.isFrozen(o)],
  'Object.preventExtensions': ['many', (m) => spread(m / 300), (o) => typeof Object.preventExtensions(o)],
  'Object.getOwnPropertyDescriptors': ['many', (m) => scattered(m / 500), (o) => typeof Object.getOwnPropertyDescriptors(o)],
  'Object.defineProperties': ['many', (m) => { const o = {}; const d = { value: 1 }; for (let i = 0; i < m / 400; i++) o['p' + i] = d; return o; }, (o) => typeof Object.defineProperties({}, o)],
  'Object.getOwnPropertySymbols': ['many', (m) => { const o = {}; for (let i = 0; i < m / 300; i++) o[Symbol()] = 1; return o; }, (o) => Object.getOwnPropertySymbols(o).length],
  'Reflect.ownKeys (indices)': ['in a wrong order', (m) => { const o = {}; for (let i = 0; i < m / 200; i++) o[(i * 7919 * 1009) % 4294967291] = 1; return o; }, (o) => Reflect.ownKeys(o).length],
  'for in': ['many', (m) => spread(m / 200), (o) => { for (const name in o) return name; }],
  'for in (chain)': ['many prototypes', (m) => chain(m / 600), (o) => { for (const name in o) return name; }],
  'for in (array)': ['long', (m) => scattered(m / 100), (o) => { for (const name in o) return name; }],
  'Property lookup (chain)': ['many prototypes', (m) => chain(m / 600), (o) => o.x],
  'in (chain)': ['many prototypes', (m) => chain(m / 600), (o) => 'x' in o],
  instanceof: ['many prototypes', (m) => chain(m / 600), (o) => o instanceof Map],
  'Object.prototype.isPrototypeOf': ['many prototypes', (m) => chain(m / 600), (o) => Object.prototype.isPrototypeOf.call(Map, o)],
  'Object.setPrototypeOf': ['many prototypes', (m) => chain(m / 600), (o) => typeof Object.setPrototypeOf({}, o)],
  'Object.assign (chain)': ['setters looked for along a chain', () => [chain(100000), spread(5000)], ([o, from]) => typeof Object.assign(o, from)],
  'Object.defineProperties (chain)': ['descriptors at the end of a chain', () => { const d = chain(100000); const o = {}; for (let i = 0; i < 5000; i++) o['p' + i] = d; return o; }, (o) => typeof Object.defineProperties({}, o)],
  'Proxy (chain)': ['of proxies', () => { let o = {}; for (let i = 0; i < 100000; i++) o = new Proxy(o, {}); return o; }, (o) => { try { return o.x; } catch (e) { return e.name; } }],
  'Object.keys (proxy)': ['long', (m) => new Proxy(scattered(m / 200), {}), (o) => Object.keys(o).length],
  'Object.isFrozen (proxy)': ['long', (m) => new Proxy(Object.freeze(scattered(m / 200)), {}), (o) => Object.isFrozen(o)],
  'Reflect.ownKeys (proxy)': ['long names', (m) => { const names = spread(m / 500); const all = Object.keys(names); return new Proxy({}, { ownKeys: () => all }); }, (o) => Reflect.ownKeys(o).length],
  'Function.prototype.apply': ['as many arguments as there may be', () => scattered(499000), (a) => ((...rest) => rest.length).apply(null, a)],
  'Function.prototype.bind': ['a chain of bound functions', () => { let f = () => 1; for (let i = 0; i < 3000; i++) f = f.bind(null); return f; }, (f) => { try { return f(); } catch (e) { return e.name; } }],
  'Function.prototype.bind (name)': ['names that grow', () => { let f = () => 1; for (let i = 0; i < 3000; i++) f = f.bind(null); return f; }, (f) => f.name.length],
});

const repeated = (unit, count) => unit.repeat(count);
add('RegExp', {
  'RegExp (words)': ['an alternative of many words', (m) => list(m / 400, (i) => 'word' + i).join('|'), (s) => new RegExp(s).test('nothing of that')],
  'new RegExp (classes)': ['many Unicode properties', () => repeated('\\p{L}', 100000), (s) => typeof new RegExp(s, 'u')],
  'new RegExp (sets)': ['same, with v', () => `[${repeated('\\p{L}', 50000)}]`, (s) => typeof new RegExp(s, 'v')],
  'RegExp (classes)': ['many Unicode properties, used', () => new RegExp(repeated('\\p{L}', 3000), 'u'), (r) => r.test('nothing of that')],
  'RegExp (ignoring case)': ['large classes', () => new RegExp(repeated('[^\\u{1}-\\u{100}]', 2000), 'iu'), (r) => r.test('ab')],
  'RegExp (groups)': ['many', () => new RegExp(repeated('(a)?', 5000)), (r) => r.test('aaa')],
  'new RegExp (names)': ['many named groups', () => list(30000, (i) => `(?<n${i}>a)?`).join(''), (s) => typeof new RegExp(s)],
  'new RegExp (repeats)': ['counted in counted', () => '(?:(?:(?:(?:a{1,50}){1,50}){1,50}){1,50}){1,50}', (s) => new RegExp(s).test('b')],
  'new RegExp (depth)': ['groups in groups', () => repeated('(?:', 5000) + repeated(')', 5000), (s) => new RegExp(s).test('b')],
  'new RegExp (long)': ['a long text', (m) => text('a', m / 200), (s) => new RegExp(s + '+').test('b')],
  'new RegExp (dots)': ['a long text', (m) => text('.', m / 200), (s) => new RegExp(s).test('b')],
  'new RegExp (few classes)': ['2,000 Unicode properties', () => repeated('\\p{L}', 2000), (s) => typeof new RegExp(s, 'u')],
  'RegExp (class of classes)': ['one class of 1,000 properties', () => new RegExp(`[${repeated('\\p{L}\\p{Ll}', 500)}]`, 'u'), (r) => r.test('ab')],
  'RegExp (few words)': ['an alternative of 10,000 words', () => new RegExp(list(10000, (i) => 'word' + i).join('|')), (r) => r.test('nothing of that')],
  'RegExp (repeats)': ['counted', () => new RegExp('(?:[^a]{1,200}x){1,200}'), (r) => r.test('bbbbx')],
  'RegExp (ignoring case, properties)': ['closed over case', () => repeated('\\P{Ll}', 500), (s) => new RegExp(s, 'iu').test('ab')],
  'RegExp.escape': ['long', (m) => text('.', m / 8), (s) => RegExp.escape(s).length],
  'RegExp.prototype.exec (backtracking)': ['exponential', () => text('a', 100) + 'b', (s) => /^(a|aa|a?)+$/.test(s)],
  'RegExp.prototype.exec (scan)': ['nothing to find', (m) => text('a', m * 0.7), (s) => /[b-z]x/.test(s)],
  'RegExp.prototype.exec (skip)': ['words that the search skips by', (m) => text('a', m * 0.7), (s) => /bcdefgh|cdefghi/.test(s)],
  'RegExp.prototype.exec (greedy)': ['one loop over all', (m) => text('a', m * 0.8), (s) => /^a*$/.test(s)],
  'RegExp.prototype.exec (possessive)': ['one loop over classes', (m) => text('ab', m * 0.4), (s) => /^[\w\d]*$/.exec(s)[0].length],
  'RegExp.prototype.exec (back reference)': ['a long one', (m) => text('a', m / 4), (s) => /^(a*)\1b/.test(s)],
  'RegExp.prototype.exec (back reference, i)': ['a long one', () => text('aA', 400000), (s) => /^(a*)\1\1b/i.test(s)],
  'RegExp.prototype.exec (back reference, iu)': ['a long one', () => text('éÉ', 400000), (s) => /^(é*)\1\1b/iu.test(s)],
  'RegExp.prototype.exec (look behind)': ['a long one', (m) => text('a', m / 4), (s) => /(?<=^a*)b/.test(s)],
  'RegExp.prototype[@@match]': ['all', (m) => text('ab', m / 40), (s) => s.match(/a/g).length],
  'RegExp.prototype[@@match] (empty)': ['nothing, everywhere', (m) => text('ab', m / 40), (s) => s.match(/(?:)/g).length],
  'RegExp.prototype[@@replace]': ["all, by '$&$&'", (m) => text('ab', m / 40), (s) => s.replace(/a/g, '$&$&').length],
  "RegExp.prototype[@@replace] ($')": ['all, by what follows', () => text('ab', 20000), (s) => s.replace(/a/g, "$'").length],
  "RegExp.prototype[@@replace] (once)": ["by '$&' again and again", (m) => ['a'.repeat(1000), '$&'.repeat(m / 4000)], ([s, by]) => s.replace(/a*/, by).length],
  'RegExp.prototype[@@split]': ['all', (m) => text('ab', m / 40), (s) => s.split(/b/).length],
  'RegExp.prototype[@@search]': ['nothing to find', (m) => text('ab', m * 0.8), (s) => s.search(/bb/)],
  'String.prototype.match (scan, global)': ['nothing to find', (m) => text('a', m * 0.8), (s) => s.match(/b/g)],
  'RegExp.prototype.exec (indices)': ['many groups', () => new RegExp(repeated('(a)?', 5000), 'd'), (r) => r.exec('aaa').length],
});

const thai = 'ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอนหรือวรรณยุกต์';
const khmer = 'ភាសាខ្មែរគឺជាភាសាកំណើតរបស់ជនជាតិខ្មែរ';
const segment = (unit, locale, granularity, units) => [`${granularity}s of a long text, ${locale}`, (m) => [new Intl.Segmenter(locale, { granularity }), text(unit, units(m))], ([s, t]) => s.segment(t).containing(t.length - 2).segment.length];
add('Intl', {
  'Intl.Segmenter (words)': segment('a', 'en', 'word', (m) => m / 4),
  'Intl.Segmenter (words, short)': segment('ab ', 'en', 'word', (m) => m / 4),
  'Intl.Segmenter (graphemes)': segment('\u0301', 'en', 'grapheme', (m) => m / 8),
  'Intl.Segmenter (flags)': segment('🇩🇪', 'en', 'grapheme', (m) => m / 8),
  'Intl.Segmenter (sentences)': segment('ab. c', 'en', 'sentence', (m) => m / 4),
  'Intl.Segmenter (sentences, one)': segment('a', 'en', 'sentence', (m) => m / 4),
  'Intl.Segmenter (Thai)': segment(thai, 'th', 'word', (m) => m / 16),
  'Intl.Segmenter (Khmer)': segment(khmer, 'km', 'word', (m) => m / 16),
  'Intl.Segmenter (Chinese)': segment('中文', 'zh', 'word', (m) => m / 16),
  'Intl.Segmenter (Japanese)': segment('かなカナ', 'ja', 'word', (m) => m / 16),
  'Intl.Segmenter (Thai, first)': ['the first word of a long text', (m) => [new Intl.Segmenter('th', { granularity: 'word' }), text(thai, m / 16)], ([s, t]) => s.segment(t)[Symbol.iterator]().next().value.segment.length],
  'Intl.Collator.prototype.compare': ['equal', (m) => [new Intl.Collator('de'), text('ä', m / 6), text('ä', m / 6)], ([c, a, b]) => c.compare(a, b)],
  'Intl.Collator.prototype.compare (numeric)': ['long numbers', (m) => [new Intl.Collator('de', { numeric: true }), text('7', m / 16), text('7', m / 16 - 1) + '8'], ([c, a, b]) => c.compare(a, b)],
  'Intl.Collator.prototype.compare (ignoring)': ['punctuation, ignored', (m) => [new Intl.Collator('th', { ignorePunctuation: true }), text('-', m / 8), text('.', m / 8)], ([c, a, b]) => c.compare(a, b)],
  'Intl.Collator.prototype.compare (Thai)': ['to be reordered', (m) => [new Intl.Collator('th'), text('เก', m / 16), text('เก', m / 16) + 'ก'], ([c, a, b]) => c.compare(a, b)],
  'Intl.Collator.prototype.compare (marks)': ['in a wrong order', () => [new Intl.Collator('de'), text('\u0301\u0316', 200000), text('\u0316\u0301', 200000)], ([c, a, b]) => c.compare(a, b)],
  'Array.prototype.sort (collator)': ['long strings, by a native function', (m) => { const [a, b] = [text('\u0301\u0316', m / 160), text('\u0301\u0316', m / 160) + 'b']; return [list(2000, (i) => (i % 2 ? a : b)), new Intl.Collator('de').compare]; }, ([a, by]) => a.sort(by).length],
  'Intl.getCanonicalLocales': ['20,000 different ones', () => list(20000, (i) => 'en-x-' + i.toString(36)), (a) => Intl.getCanonicalLocales(a).length],
  'Intl.getCanonicalLocales (long)': ['one with many extensions', () => 'en-' + list(20000, (i) => `x${i.toString(36).padStart(5, '0')}`).join('-').replace('x', 'x-x'), (s) => Intl.getCanonicalLocales(s).length],
  'new Intl.Locale': ['a long one', () => 'en-x-' + list(100000, () => 'abc').join('-'), (s) => String(new Intl.Locale(s)).length],
  'new Intl.Locale (variants)': ['many', () => 'en-' + list(20000, (i) => (i + 10000000).toString(10)).join('-'), (s) => String(new Intl.Locale(s)).length],
  'new Intl.Locale (attributes)': ['many', () => 'en-u-' + list(30000, (i) => (99999999 - i).toString(10)).join('-'), (s) => String(new Intl.Locale(s)).length],
  'new Intl.Locale (keywords)': ['many', () => 'en-u-' + list(1000, (i) => String.fromCharCode(97 + (i * 7) % 26) + String.fromCharCode(97 + Math.floor(i / 26) % 26) + '-' + 'abc-'.repeat(200) + 'abc').join('-'), (s) => String(new Intl.Locale(s)).length],
  'Intl.Locale.prototype.maximize': ['a long one', () => new Intl.Locale('en-x-' + list(100000, () => 'abc').join('-')), (l) => String(l.maximize()).length],
  'new Intl.NumberFormat': ['for a list of locales', () => list(20000, (i) => 'xx-x-' + i.toString(36)), (a) => typeof new Intl.NumberFormat(a)],
  'Intl.Collator.supportedLocalesOf': ['for a list of locales', () => list(5000, (i) => 'xx-x-' + i.toString(36)), (a) => Intl.Collator.supportedLocalesOf(a).length],
  'Intl.ListFormat.prototype.format': ['many', (m) => list(m / 400, () => 'ab'), (a) => new Intl.ListFormat('en').format(a).length],
  'Intl.ListFormat.prototype.formatToParts': ['many', (m) => list(m / 1000, () => 'ab'), (a) => new Intl.ListFormat('en').formatToParts(a).length],
  'Intl.NumberFormat.prototype.format (digits)': ['many', (m) => text('7', m / 40), (s) => new Intl.NumberFormat('de').format(s).length],
  'Intl.NumberFormat.prototype.format (few digits)': ['a million', () => text('7', 1e6), (s) => new Intl.NumberFormat('de').format(s).length],
  'Intl.NumberFormat.prototype.format (exponent)': ['1e100000', () => '1e100000', (s) => new Intl.NumberFormat('de').format(s).length],
  'Intl.NumberFormat.prototype.format (large exponent)': ['1e10000000', () => '1e10000000', (s) => new Intl.NumberFormat('de').format(s).length],
  'Intl.NumberFormat.prototype.formatToParts': ['100,000 digits', () => text('7', 100000), (s) => new Intl.NumberFormat('de').formatToParts(s).length],
  'Intl.NumberFormat.prototype.formatRange': ['100,000 digits', () => text('7', 100000), (s) => new Intl.NumberFormat('de').formatRange(1, s).length],
  'Intl.PluralRules.prototype.select': ['1e300', () => 1e300, (n) => new Intl.PluralRules('ar').select(n)],
  'Intl.DurationFormat.prototype.format': ['large', () => ({ seconds: 2 ** 53 - 1 }), (d) => new Intl.DurationFormat('en').format(d).length],
  'Intl.DateTimeFormat.prototype.format': ['the Chinese calendar, far away', () => new Intl.DateTimeFormat('zh-u-ca-chinese', { dateStyle: 'full' }), (f) => f.format(-8.64e15).length],
  'Intl.DateTimeFormat.prototype.formatRange': ['same', () => new Intl.DateTimeFormat('zh-u-ca-chinese', { dateStyle: 'full' }), (f) => f.formatRange(-8.64e15, 8.64e15).length],
  'Intl.DisplayNames.prototype.of': ['a long locale', () => 'en-x-' + list(100000, () => 'abc').join('-'), (s) => new Intl.DisplayNames('en', { type: 'language' }).of(s).length],
  'Intl.supportedValuesOf': ['units', () => 'unit', (s) => Intl.supportedValuesOf(s).length],
  'Intl.supportedValuesOf (time zones)': ['time zones', () => 'timeZone', (s) => Intl.supportedValuesOf(s).length],
  'Date.prototype.toLocaleString': ['a first one', () => new Date(0), (d) => d.toLocaleString('de').length],
  'Date.parse': ['a long one', (m) => text('(', m * 0.6), (s) => Date.parse(s)],
  'Date.parse (words)': ['a long one', (m) => text('May ', m * 0.8), (s) => Date.parse(s)],
});

const far = (calendar) => [new Temporal.PlainDate(-271821, 4, 19, calendar), new Temporal.PlainDate(275760, 9, 13, calendar)];
const until = (calendar, largestUnit) => [`${largestUnit} of all time, ${calendar}`, () => far(calendar), ([a, b]) => String(a.until(b, { largestUnit }))];
add('Temporal', {
  'Temporal.PlainDate.prototype.until (Chinese, years)': until('chinese', 'years'),
  'Temporal.PlainDate.prototype.until (Chinese, months)': until('chinese', 'months'),
  'Temporal.PlainDate.prototype.until (Dangi, months)': until('dangi', 'months'),
  'Temporal.PlainDate.prototype.until (Hebrew, months)': until('hebrew', 'months'),
  'Temporal.PlainDate.prototype.until (Islamic, months)': until('islamic-umalqura', 'months'),
  'Temporal.PlainDate.prototype.until (ISO, days)': until('iso8601', 'days'),
  'Temporal.PlainDate.prototype.add (Chinese)': ['six million months', () => new Temporal.PlainDate(-271821, 4, 19, 'chinese'), (d) => String(d.add({ months: 6600000 }))],
  'Temporal.PlainDate.prototype.add (Hebrew)': ['six million months', () => new Temporal.PlainDate(-271821, 4, 19, 'hebrew'), (d) => String(d.add({ months: 6600000 }))],
  'Temporal.PlainDate.prototype.with (Chinese)': ['a year far away', () => new Temporal.PlainDate(2000, 1, 1, 'chinese'), (d) => String(d.with({ year: 200000 }))],
  'Temporal.PlainMonthDay.from (Chinese)': ['a rare day', () => ({ calendar: 'chinese', monthCode: 'M01L', day: 30 }), (d) => String(Temporal.PlainMonthDay.from(d))],
  'Temporal.PlainMonthDay.from (Chinese, year)': ['of a year far away', () => ({ calendar: 'chinese', year: 200000, monthCode: 'M05', day: 30 }), (d) => String(Temporal.PlainMonthDay.from(d))],
  'Temporal.Duration.prototype.round': ['years of seconds', () => Temporal.Duration.from({ seconds: 2 ** 53 - 1 }), (d) => { try { return String(d.round({ largestUnit: 'years', relativeTo: new Temporal.PlainDate(-271821, 4, 20, 'chinese') })); } catch (e) { return e.name; } }],
  'Temporal.Duration.prototype.round (months)': ['all time', () => Temporal.Duration.from({ days: 199999999 }), (d) => String(d.round({ largestUnit: 'years', smallestUnit: 'months', relativeTo: new Temporal.PlainDate(-271821, 4, 20, 'chinese') }))],
  'Temporal.Duration.prototype.total': ['all time', () => Temporal.Duration.from({ days: 199999999 }), (d) => d.total({ unit: 'months', relativeTo: new Temporal.PlainDate(-271821, 4, 20, 'hebrew') })],
  'Temporal.ZonedDateTime.prototype.getTimeZoneTransition': ['far away', () => new Temporal.ZonedDateTime(8640000000000000000000n, 'Europe/Berlin'), (d) => String(d.getTimeZoneTransition('previous'))],
  'Temporal.ZonedDateTime.prototype.until': ['all time', () => [new Temporal.ZonedDateTime(-8640000000000000000000n, 'Europe/Berlin'), new Temporal.ZonedDateTime(8640000000000000000000n, 'Europe/Berlin')], ([a, b]) => String(a.until(b, { largestUnit: 'years' }))],
  'Temporal.PlainDate.from': ['many annotations', (m) => '2020-01-01' + text('[a=b]', m / 8), (s) => String(Temporal.PlainDate.from(s))],
  'Temporal.PlainDate.prototype.toLocaleString': ['the Chinese calendar', () => new Temporal.PlainDate(2000, 1, 1, 'chinese'), (d) => d.toLocaleString('zh-u-ca-chinese').length],
});

const deepStack = (depth, then) => (depth === 0 ? then() : [deepStack(depth - 1, then)][0]);
add('Error, Promise, Iterator', {
  'new Error': ['a deep stack', () => 1, () => deepStack(3000, () => new Error('x').stack.length)],
  'Error.captureStackTrace': ['a deep stack', () => 1, () => deepStack(3000, () => { const o = {}; Error.captureStackTrace(o); return o.stack.length; })],
  'Error.prototype.toString': ['long', (m) => new Error(text('x', m / 4)), (e) => e.toString().length],
  'Promise.all': ['many', (m) => list(m / 400, () => 1), (a) => Promise.all(a).then((b) => b.length)],
  'Promise.allSettled': ['many', (m) => list(m / 600, () => 1), (a) => Promise.allSettled(a).then((b) => b.length)],
  'Promise.race': ['many', (m) => list(m / 400, () => 1), (a) => Promise.race(a)],
  'Promise (reactions)': ['many wait for one', (m) => { const p = Promise.withResolvers(); for (let i = 0; i < m / 400; i++) p.promise.then(null, null); return p; }, (p) => p.resolve(1)],
  'Promise (rejections)': ['many, not handled', (m) => m / 1000, (n) => { for (let i = 0; i < n; i++) Promise.reject(1); return n; }],
  'Iterator.prototype.toArray': ['long', (m) => scattered(m / 40), (a) => a.values().toArray().length],
  'Iterator.prototype.drop': ['long', (m) => scattered(m / 40), (a) => a.values().drop(2 ** 52).next().done],
  'Iterator.prototype.some': ['a native callback', (m) => scattered(m / 40), (a) => a.values().some(Number.isNaN)],
  'Iterator.concat': ['many', () => list(400000, () => []), (a) => Iterator.concat(...a).next().done],
  'Iterator.zip': ['many', () => list(400000, () => []), (a) => Iterator.zip(a).next().done],
  'FinalizationRegistry.prototype.unregister': ['many', (m) => { const token = {}; const r = new FinalizationRegistry(() => {}); for (let i = 0; i < m / 600; i++) r.register({}, 1, token); return [r, token]; }, ([r, token]) => r.unregister(token)],
  'DisposableStack.prototype.dispose': ['many', (m) => { const s = new DisposableStack(); for (let i = 0; i < m / 200; i++) s.defer(Math.random); return s; }, (s) => s.dispose()],
});

/** What makes the collector run: a loop of small strings, with much else alive. */
const allocate = () => { for (let i = 0, kept = []; ; i++) { kept.push('s' + i); if (kept.length > 1000) kept = []; } };
add('Collector', {
  'Collector (list)': ['a linked list', (m) => linked(m / 60), allocate],
  'Collector (strings)': ['many', (m) => list(m / 64, (i) => 'string' + i), allocate],
  'Collector (arrays)': ['one array of all', (m) => list(m / 80, (i) => [i]), allocate],
  'Collector (weak map)': ['keys that keep each other', (m) => { const w = new WeakMap(); let k = {}; const first = k; for (let i = 0; i < m / 300; i++) { const next = {}; w.set(k, next); k = next; } return [w, first]; }, allocate],
  'Collector (weak maps)': ['many maps', (m) => { const k = {}; return list(m / 1000, () => new WeakMap([[k, {}]])); }, allocate],
  'Collector (registry)': ['many to finalise', (m) => { const r = new FinalizationRegistry(() => {}); return list(m / 600, () => { const o = {}; r.register(o, 1); return o; }); }, allocate],
  'Collector (references)': ['many weak ones', (m) => list(m / 400, () => new WeakRef({})), allocate],
  'Collector (rope)': ['a deep one', (m) => { let s = 'x'; for (let i = 0; i < m / 64; i++) s = s + 'abcdefghijklmnopqrstuvwxyz'; return s; }, allocate],
  'Collector (memory limit)': ['growth up to the limit', () => [], (kept) => { for (let i = 0; ; i++) kept.push({ i }); }],
});

/** A valid module of functions as large as one may be, which do nothing, at length. */
const wasm = (memory) => {
  const leb = (n) => {
    const out = [];
    do out.push((n & 127) | (n > 127 ? 128 : 0));
    while ((n >>>= 7));
    return out;
  };
  const body = 7.5e6;
  const functions = Math.max(1, Math.floor((memory * 0.7) / body));
  // No locals; `i32.const 0`, `drop`, again and again; `end`.
  const instructions = Math.floor((body - 2) / 3);
  const size = [...leb(instructions * 3 + 2)];
  const code = [...leb(functions)];
  const total = code.length + functions * (size.length + instructions * 3 + 2);
  const types = [1, 4, 1, 0x60, 0, 0, 3, ...leb(functions + leb(functions).length), ...leb(functions), ...list(functions, () => 0)];
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, 10, ...leb(total), ...code];
  const made = new Uint8Array(head.length + total - code.length);
  made.set(head);
  let at = head.length;
  for (let n = 0; n < functions; n++) {
    made.set(size, at);
    at += size.length + 1;
    for (let i = 0; i < instructions; i++, at += 3) {
      made[at] = 0x41;
      made[at + 2] = 0x1a;
    }
    made[at++] = 0x0b;
  }
  return made;
};
add('WebAssembly', {
  'WebAssembly.validate': ['a large module', wasm, (b) => WebAssembly.validate(b)],
  'WebAssembly.Module': ['a large module', wasm, (b) => { try { return typeof new WebAssembly.Module(b); } catch (e) { return e.name; } }],
  'new WebAssembly.Table': ['10,000,000 elements', () => 1, () => { try { return new WebAssembly.Table({ element: 'anyfunc', initial: 5e6 }).length; } catch (e) { return e.name; } }],
  'WebAssembly.Table.prototype.grow': ['by 5,000,000', () => new WebAssembly.Table({ element: 'externref', initial: 1 }), (t) => { try { return t.grow(5e6, t); } catch (e) { return e.name; } }],
  'new WebAssembly.Memory': ['all of memory', (m) => Math.floor((m * 0.8) / 65536), (initial) => { try { return new WebAssembly.Memory({ initial }).buffer.byteLength; } catch (e) { return e.name; } }],
});

const digest = (name) => ['long', (m) => bytes(Math.floor(m * 0.85)), (b) => crypto.subtle.digest(name, b).then((d) => d.byteLength)];
/** Some bytes, again and again. */
const cycled = (unit, length) => {
  const made = new Uint8Array(Math.floor(length / unit.length) * unit.length);
  made.set(unit);
  for (let filled = unit.length; filled < made.length; filled *= 2) made.copyWithin(filled, 0, filled);
  return made;
};
const decode = (label, unit, share = 0.12, options = {}) => [label, (m) => cycled(unit, m * share), (b) => new TextDecoder(label, options).decode(b).length];
add('Platform', {
  'crypto.subtle.digest (SHA-1)': digest('SHA-1'),
  'crypto.subtle.digest (SHA-256)': digest('SHA-256'),
  'crypto.subtle.digest (SHA-384)': digest('SHA-384'),
  'crypto.subtle.digest (SHA-512)': digest('SHA-512'),
  'crypto.getRandomValues': ['65,536 bytes', () => new Uint8Array(65536), (b) => crypto.getRandomValues(b).length],
  'TextEncoder.prototype.encode': ['ASCII', (m) => text('a', m * 0.25), (s) => new TextEncoder().encode(s).length],
  'TextEncoder.prototype.encode (wide)': ['three bytes a character', (m) => text('\u4e00', m * 0.1), (s) => new TextEncoder().encode(s).length],
  'TextEncoder.prototype.encodeInto': ['three bytes a character', (m) => [text('\u4e00', Math.floor(m * 0.1)), new Uint8Array(m * 0.3)], ([s, b]) => new TextEncoder().encodeInto(s, b).written],
  'TextEncoder.prototype.encodeInto (small)': ['into nothing', (m) => [text('\u4e00', m * 0.15), new Uint8Array(1)], ([s, b]) => new TextEncoder().encodeInto(s, b).written],
  'TextDecoder.prototype.decode (utf-8, ASCII)': decode('utf-8', [97], 0.3),
  'TextDecoder.prototype.decode (utf-8, wide)': decode('utf-8', [0xe4, 0xb8, 0x80], 0.3),
  'TextDecoder.prototype.decode (utf-8, broken)': decode('utf-8', [0xff, 97], 0.1),
  'TextDecoder.prototype.decode (utf-8, all broken)': decode('utf-8', [0xa5], 0.8),
  'TextDecoder.prototype.decode (utf-16le, all)': decode('utf-16le', [0, 0xd8], 0.8),
  'TextDecoder.prototype.decode (gb18030, broken)': decode('gb18030', [0x81], 0.8),
  'TextDecoder.prototype.decode (utf-8, fatal)': decode('utf-8', [0xe4, 0xb8, 0x80], 0.15, { fatal: true }),
  'TextDecoder.prototype.decode (gb18030)': decode('gb18030', [0x81, 0x30, 0x81, 0x30]),
  'TextDecoder.prototype.decode (big5)': decode('big5', [0xa4, 0x40]),
  'TextDecoder.prototype.decode (euc-jp)': decode('euc-jp', [0xb0, 0xa1]),
  'TextDecoder.prototype.decode (iso-2022-jp)': decode('iso-2022-jp', [0x1b, 0x24, 0x42, 0x30, 0x21, 0x1b, 0x28, 0x42]),
  'TextDecoder.prototype.decode (shift_jis)': decode('shift_jis', [0x88, 0x9f]),
  'TextDecoder.prototype.decode (euc-kr)': decode('euc-kr', [0xb0, 0xa1]),
  'TextDecoder.prototype.decode (windows-1252)': decode('windows-1252', [0x80, 97]),
  'TextDecoder.prototype.decode (utf-16le)': decode('utf-16le', [0, 0xd8]),
  atob: ['long', (m) => text('QUJD', m * 0.2), (s) => atob(s).length],
  'atob (white space)': ['long', (m) => text(' ', m * 0.25), (s) => atob(s).length],
  'atob (wrong)': ['wrong at its end', (m) => text('QUJD', m * 0.25) + 'A', (s) => { try { return atob(s).length; } catch (e) { return e.name; } }],
  btoa: ['long', (m) => text('abc', m * 0.2), (s) => btoa(s).length],
  'new URL (path)': ['long', (m) => 'http://a/' + text('b/', m / 8), (s) => new URL(s).href.length],
  'new URL (dots)': ['there and back', (m) => 'http://a/' + text('b/../', m / 8), (s) => new URL(s).href.length],
  'new URL (path of dots)': ['there, then back', (m) => 'http://a/' + text('b/', m / 16) + text('../', m / 16), (s) => new URL(s).href.length],
  'new URL (wide path)': ['to be escaped', (m) => 'http://a/' + text('\u4e00', m / 40), (s) => new URL(s).href.length],
  'new URL (tabs)': ['to be left out', (m) => 'http://a/' + text('\t\n', m / 8), (s) => new URL(s).href.length],
  'new URL (spaces)': ['to be left out', (m) => text(' ', m / 8) + 'http://a/' + text(' ', m / 8), (s) => new URL(s).href.length],
  'new URL (query)': ['to be escaped', (m) => 'http://a/?' + text('"', m / 24), (s) => new URL(s).href.length],
  'new URL (at signs)': ['many', (m) => 'http://' + text('@', m / 24) + 'a/', (s) => new URL(s).href.length],
  'new URL (colons)': ['in a user name', (m) => 'http://' + text('a:', m / 24) + '@a/', (s) => new URL(s).href.length],
  'new URL (host)': ['ASCII', (m) => 'http://' + text('a', m / 10), (s) => URL.canParse(s)],
  'new URL (labels)': ['many', (m) => 'http://' + text('a.', m / 10) + 'a', (s) => URL.canParse(s)],
  'new URL (wide host)': ['one label', () => 'http://' + text('\u4e00\u4e8c', 100000), (s) => URL.canParse(s)],
  'new URL (wide host, different)': ['one label of different characters', () => 'http://' + list(60000, (i) => String.fromCharCode(0x4e00 + (i * 37) % 20000)).join(''), (s) => URL.canParse(s)],
  'new URL (wide labels)': ['many', (m) => 'http://' + text('\u4e00.', m / 60) + 'a', (s) => URL.canParse(s)],
  'new URL (marks)': ['a host to be normalised', () => 'http://a' + text('\u0301\u0316', 100000), (s) => URL.canParse(s)],
  'new URL (punycode)': ['xn-- and much', () => 'http://xn--' + text('a9', 200000), (s) => URL.canParse(s)],
  'new URL (punycode labels)': ['many', (m) => 'http://' + text('xn--fiqs8s.', m / 20) + 'a', (s) => URL.canParse(s)],
  'new URL (escaped host)': ['long', (m) => 'http://' + text('%61', m / 20), (s) => URL.canParse(s)],
  'new URL (number)': ['a long one as host', (m) => 'http://' + text('9', m / 10), (s) => URL.canParse(s)],
  'new URL (base)': ['long both', (m) => ['http://a/' + text('b/', m / 16), text('../', m / 16)], ([base, s]) => new URL(s, base).href.length],
  'URL.prototype.pathname=': ['long', (m) => [new URL('http://a/'), text('b/../', m / 10)], ([u, s]) => (u.pathname = s).length],
  'URL.prototype.host=': ['long', () => [new URL('http://a/'), text('\u4e00\u4e8c', 100000)], ([u, s]) => (u.host = s).length],
  'URL.prototype.hash= (long URL)': ['of a long URL', (m) => { const u = new URL('http://a/' + text('b', m / 12)); return u; }, (u) => (u.hash = 'x')],
  'new URLSearchParams': ['many pairs', (m) => text('a=b&', m / 60), (s) => new URLSearchParams(s).size],
  'new URLSearchParams (long)': ['one long value', (m) => 'a=' + text('%41', m / 8), (s) => new URLSearchParams(s).size],
  'new URLSearchParams (nothing)': ['ampersands', (m) => text('&', m / 3), (s) => new URLSearchParams(s).size],
  'URLSearchParams.prototype.toString': ['one long value', (m) => new URLSearchParams([['a', text('\u4e00', m / 40)]]), (p) => p.toString().length],
  'URLSearchParams.prototype.toString (pairs)': ['many pairs', (m) => new URLSearchParams(text('a=b&', m / 120)), (p) => p.toString().length],
  'URLSearchParams.prototype.toString (shared)': ['one long value, many times', (m) => { const s = text('\u4e00', m / 400); return new URLSearchParams(list(20, () => ['a', s])); }, (p) => p.toString().length],
  'structuredClone (list)': ['linked', (m) => linked(m / 400), (o) => typeof structuredClone(o)],
  'structuredClone (array)': ['numbers', (m) => scattered(m / 40), (o) => structuredClone(o).length],
  'structuredClone (objects)': ['many', (m) => list(m / 300, (i) => ({ i })), (o) => structuredClone(o).length],
  'structuredClone (properties)': ['many of one object', (m) => spread(m / 300), (o) => typeof structuredClone(o)],
  'structuredClone (string)': ['long', (m) => text('a', m * 0.25), (o) => structuredClone(o).length],
  'structuredClone (strings)': ['one, many times', (m) => { const s = text('a', m / 1000); return list(200, () => s); }, (o) => structuredClone(o).length],
  'structuredClone (bytes)': ['long', (m) => bytes(Math.floor(m * 0.25)), (o) => structuredClone(o).length],
  'structuredClone (map)': ['large', (m) => new Map(list(m / 300, (i) => [i, i])), (o) => structuredClone(o).size],
  'structuredClone (collisions)': ['a set of 60,000 numbers of one hash', () => new Set(collidingNumbers(60000)), (o) => structuredClone(o).size],
  'structuredClone (BigInts)': ['many', (m) => list(m / 200, (i) => BigInt(i) << 70n), (o) => structuredClone(o).length],
  'structuredClone (transfer)': ['many buffers', () => list(20000, () => new ArrayBuffer(8)), (o) => structuredClone(1, { transfer: o })],
  'console.log (string)': ['long', (m) => text('a', m / 8), (s) => console.log(s)],
  'console.log (object)': ['large', (m) => list(m / 300, (i) => ({ i })), (o) => console.log(o)],
  'console.log (typed array)': ['large', (m) => bytes(Math.floor(m / 4)), (o) => console.log(o)],
  'console.table': ['large', (m) => list(m / 1000, (i) => ({ i })), (o) => console.table(o)],
  'reportError': ['a long message', (m) => new Error(text('x', m / 10)), (e) => reportError(e)],
  throw: ['a long message', (m) => new Error(text('x', m / 10)), (e) => { throw e; }],
  'throw (escapes)': ['a string of line breaks', (m) => text('\n', m / 10), (e) => { throw e; }],
  'Headers.prototype.set': ['a long value', (m) => text('a', m / 16), (s) => new Headers().set('a', s)],
  'Headers.prototype.set (space)': ['space in the middle', (m) => 'a' + text(' ', m / 16) + 'a', (s) => new Headers().set('a', s)],
  'Headers.prototype.append': ['a wide value', (m) => text('\u00ff', m / 16), (s) => new Headers().append('a', s)],
  'new Headers': ['many', (m) => list(m / 1000, (i) => ['h' + i, 'v']), (a) => typeof new Headers(a)],
  'new Request': ['a long URL', (m) => 'http://a/' + text('b/../', m / 16), (s) => new Request(s).url.length],
  'Response.prototype.text': ['long', (m) => new Response(bytes(Math.floor(m / 4))), (r) => r.text().then((s) => s.length)],
  'Response.prototype.json': ['long', (m) => new Response('[' + text('1,', m / 16) + '1]'), (r) => r.json().then((a) => a.length)],
  'Response.prototype.formData': ['URL-encoded', (m) => new Response(new URLSearchParams(text('a=b&', m / 200))), (r) => r.formData().then((f) => typeof f)],
  'Response.prototype.formData (multipart)': ['a boundary that nearly is', (m) => new Response(text('\r\n--aaaaaaaaa', m / 16), { headers: { 'content-type': 'multipart/form-data; boundary=aaaaaaaaab' } }), (r) => r.formData().then((f) => typeof f, (e) => e.name)],
  HTMLRewriter: ['512 handlers that look for a part of one attribute', () => rewriting(512, (i) => `[v~="aaaa${i}"]`, `<p v="${text(' ', 236000)}">`), ({ rewriter, html }) => rewriter.transform(new Response(html)).text().then((s) => s.length)],
  'HTMLRewriter (parts)': ['the same, ignoring case', () => rewriting(512, (i) => `[v*="aaa${i}" i]`, `<p v=${text('a', 60000)}>`), ({ rewriter, html }) => rewriter.transform(new Response(html)).text().then((s) => s.length)],
  'HTMLRewriter (names)': ['elements counted by a long name', () => rewriting(400, (i) => `*:not(.a${i}) *:not(.b${i}) * :nth-of-type(2)`, `<a><a><a><a><p${text('a', 60000)}>`), ({ rewriter, html }) => rewriter.transform(new Response(html)).text().then((s) => s.length)],
  'HTMLRewriter (descendants)': ['2,000 elements that may follow each', () => rewriting(200, (i) => `*:not(q${i}) `.repeat(9) + 'x', text('<a>', 30000)), ({ rewriter, html }) => rewriter.transform(new Response(html)).text().then((s) => s.length)],
  'HTMLRewriter (lists)': ['2,000 selectors, each compared with each', () => rewriting(16, (i) => list(128, (k) => `a${i}x${k}`).join(), '<a>'), ({ rewriter, html }) => rewriter.transform(new Response(html)).text().then((s) => s.length)],
  'new Response': ['a long text', (m) => text('\u4e00', m / 16), (s) => typeof new Response(s)],
  'new Blob': ['long', (m) => [text('a', m / 8), bytes(Math.floor(m / 8))], (parts) => new Blob(parts).size],
  'new Blob (parts)': ['many', (m) => list(m / 400, () => 'ab'), (parts) => new Blob(parts).size],
  'Blob.prototype.text': ['long', (m) => new Blob([bytes(Math.floor(m / 4))]), (b) => b.text().then((s) => s.length)],
  'performance.mark': ['a long name', (m) => text('a', m / 8), (s) => typeof performance.mark(s)],
  fetch: ['a long URL', (m) => 'http://a.invalid/' + text('b', m / 16), (s) => fetch(s).then((r) => r.status, (e) => e.name)],
  'fetch (header)': ['a long one', (m) => text('b', m / 16), (s) => fetch('http://a.invalid/', { headers: { a: s } }).then((r) => r.status, (e) => e.name)],
});

/**
 * Modules that keep the parser busy, at the start and, as functions that nobody has called yet, within a request. The
 * bundle's size limits them.
 */
export const sources = {
  'Parser (statements)': ['10 MB of code', () => 'a=1;b=[a,2];'.repeat(10e6 / 12), ''],
  'Parser (function)': ['10 MB of code that nobody calls', () => 'function f(){' + 'a=1;b=[a,2];'.repeat(10e6 / 12) + '}', ''],
  'First call of a function': ['10 MB of code', () => 'let a,b;function f(){return;' + 'a=1;b=[a,2];'.repeat(10e6 / 12) + '}', 'f()'],
  'Parser (arrows in defaults)': ['18 deep', () => '(a='.repeat(18) + '1' + ')=>1'.repeat(18), ''],
  'First call of a function (arrows in defaults)': ['18 deep', () => 'function f(){' + '(a='.repeat(18) + '1' + ')=>1'.repeat(18) + '}', 'f()'],
  'Parser (arrows)': ['chains', () => 'a=>'.repeat(2000) + '1', ''],
  'Parser (functions in functions)': ['300 deep', () => 'function f(){'.repeat(300) + 'a=1;'.repeat(20000) + '}'.repeat(300), ''],
  'Parser (names)': ['many variables', () => 'var ' + Array.from({ length: 700000 }, (_, i) => 'v' + i).join() + ';', ''],
  'Parser (lets)': ['many variables', () => 'let ' + Array.from({ length: 700000 }, (_, i) => 'v' + i).join() + ';', ''],
  'Parser (regular expressions)': ['many', () => '/a+b*(c|d)/u;'.repeat(10e6 / 13), ''],
  'Parser (Unicode properties)': ['many', () => '/\\p{L}/u;'.repeat(300000), ''],
  'Parser (Unicode properties, 5000)': ['few', () => '/\\p{L}/u;'.repeat(5000), ''],
  'First call of a function (Unicode properties)': ['many', () => 'function f(){return;' + '/\\p{L}/u;'.repeat(20000) + '}', 'f()'],
  'Parser (one regular expression)': ['long', () => '/' + '\\p{L}'.repeat(10000) + '/u;', ''],
  'Parser (templates)': ['long', () => '`' + '${1}'.repeat(2e6) + '`;', ''],
  'Parser (BigInt)': ['a long literal', () => '9'.repeat(9e6) + 'n;', ''],
  'Parser (numbers)': ['a long literal', () => '0.' + '3'.repeat(9e6) + ';', ''],
  'Parser (object)': ['many properties', () => '({' + Array.from({ length: 600000 }, (_, i) => 'p' + i + ':1').join() + '});', ''],
  'Parser (labels)': ['many', () => Array.from({ length: 1500 }, (_, i) => `l${i}:`).join('') + ';', ''],
  'Parser (private names)': ['many', () => 'class A{' + Array.from({ length: 100000 }, (_, i) => `#p${i};`).join('') + '}', ''],
  'Parser (switch)': ['many cases', () => 'switch(1){' + 'case 1:'.repeat(1e6) + '}', ''],
};
