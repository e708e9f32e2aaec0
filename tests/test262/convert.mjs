// Turns a sample of test262, as SpiderMonkey's sources carry it, into a suite that the runner of the Web
// Platform Tests takes: one file with one subtest for each.
//
//   node convert.mjs TESTS SUITE OUTPUT EVERY
//
// TESTS is `js/src/tests/test262` of those sources, SUITE a Web Platform Tests suite, whose harness is used, and
// one test in EVERY is taken. Tests run as strict code in one function, so those are left out that are
// modules, about sloppy code, expected not to parse, or about what code from strings does.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [root, suite, output, every] = process.argv.slice(2);

const harnesses = new Map();

/** The harness files on the way from the root to `folder`, the outermost first. */
function harnessOf(folder) {
  if (!harnesses.has(folder)) {
    const outer = folder === root ? '' : harnessOf(dirname(folder));
    const own = join(folder, 'shell.js');
    harnesses.set(folder, outer + (existsSync(own) ? readFileSync(own, 'utf8') : ''));
  }
  return harnesses.get(folder);
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // The tests of the harness itself make code from strings.
      if (path !== join(root, 'harness')) yield* files(path);
    } else if (entry.name.endsWith('.js') && entry.name !== 'shell.js' && entry.name !== 'browser.js' && !entry.name.includes('_FIXTURE')) yield path;
  }
}

/** Why a test is left out; undefined if it is not. */
function reasonAgainst(text) {
  const [, directive = ''] = /^\/\/ \|reftest\| ([^\n]*)/.exec(text) ?? [];
  if (/\b(skip|module|error:)/.test(directive)) return directive.split(' ')[0];
  const [, flags = ''] = /flags: \[([^\]]*)\]/.exec(text) ?? [];
  if (/noStrict|raw|module|CanBlockIsFalse/.test(flags)) return 'sloppy';
  const code = text.replace(/\/\*---[\s\S]*?---\*\//, '').replace(/^\s*\/\/.*$/gm, '');
  if (/\beval\b|\bFunction\s*\(|Function(Constructor)?\b.*constructor|extends Function\b|\$262|fnGlobalObject|\bimport\s*\(/.test(code)) return 'strings';
  if (/SharedArrayBuffer|Atomics/.test(code)) return 'shared memory';
  return undefined;
}

/** What the shell and its harness provide. */
const PRELUDE = `
globalThis.createIsHTMLDDA = () => ({});
globalThis.detachArrayBuffer = Function.prototype.call.bind(ArrayBuffer.prototype.transfer);
var global = globalThis, print = () => {}, reportCompare = () => {}, reportFailure = (message) => { throw new Error(message); };
// The harness appends to arrays, and must not meet what a test has left behind.
var tidy = () => { for (const index of [0, 1, 2, 3, 4, 5]) { delete Array.prototype[index]; delete Object.prototype[index]; } };
`;

let seen = 0;
const counts = {};
for (const path of files(root)) {
  const text = readFileSync(path, 'utf8');
  const against = reasonAgainst(text);
  if (against !== undefined) {
    counts[against] = (counts[against] ?? 0) + 1;
    continue;
  }
  if (seen++ % Number(every) !== 0) continue;
  const name = relative(root, path);
  const isAsync = /^\/\/ \|reftest\| async/.test(text);
  const harness = harnessOf(dirname(path));
  const body = isAsync
    ? `promise_test(() => new Promise((resolve, reject) => (function () {\nvar $DONE = (error) => (error === undefined ? resolve() : reject(error));\n${text}\n}).call(globalThis)), ${JSON.stringify(name)});`
    : `test(() => { try { (function () {\n${text}\n}).call(globalThis); } finally { tidy(); } }, ${JSON.stringify(name)});`;
  const target = join(output, name.replace(/\.js$/, '.any.js'));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `${PRELUDE}${harness}\n${body}\n`);
  counts.taken = (counts.taken ?? 0) + 1;
}
mkdirSync(join(output, 'resources'), { recursive: true });
cpSync(join(suite, 'resources/testharness.js'), join(output, 'resources/testharness.js'));
console.log(JSON.stringify(counts));
