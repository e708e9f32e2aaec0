// The entry of a bundle of tests: `/INDEX?url=URL&timeout=MS` runs one in this isolate, and answers
// with its results. Everything is kept that a test may replace.

import { run as loadHarness } from './harness.js';
import { tests } from './table.js';

const { Response, URL, fetch, reportError, setTimeout } = globalThis;
const { stringify } = JSON;
const { isWellFormed } = String.prototype;

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      const test = await tests[Number(pathname.slice(1))]();
      const location = new URL(searchParams.get('url'));
      return new Response(await new Promise((resolve) => run(test, location, Number(searchParams.get('timeout')), resolve)));
    } catch (error) {
      return new Response(stringify({ status: 'ERROR', message: wellFormed(error), tests: [] }));
    }
  },
};

/** All in one turn: the harness takes the end of the turn for the end of the scripts. */
function run(test, location, timeout, resolve) {
  prepare(location);
  loadHarness.call(globalThis);
  pretendWorker();
  globalThis.add_completion_callback((results, status) => resolve(answer(results, status)));
  const { timeout: giveUp } = globalThis;
  setTimeout(() => {
    giveUp();
    // Without a test there is nothing to give up.
    resolve(stringify({ status: 'TIMEOUT', tests: [] }));
  }, timeout);
  try {
    test.run.call(globalThis);
  } catch (error) {
    reportError(error);
  }
}

/** What the suite's server puts around a test. */
function prepare(location) {
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  define('GLOBAL', { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false });
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = location;
  define('location', { href, origin, protocol, host, hostname, port, pathname, search, hash, toString: () => href });
  // Relative URLs have no base in an isolate.
  define('fetch', function (input) {
    if (typeof input === 'string') arguments[0] = URL.parse(input, location)?.href ?? input;
    return Reflect.apply(fetch, this, arguments);
  });
  // What a worker's test imports stands before it.
  if (location.pathname.endsWith('.worker.js')) define('importScripts', () => {});
}

/** Which interfaces are exposed is decided by the kind of the global scope; ours is closest to this. */
function pretendWorker() {
  const DedicatedWorkerGlobalScope = { [Symbol.hasInstance]: () => true };
  const value = Object.setPrototypeOf(() => {}, DedicatedWorkerGlobalScope);
  Object.defineProperty(globalThis, 'DedicatedWorkerGlobalScope', { value, configurable: true });
}

function answer(results, { status, message, OK, TIMEOUT }) {
  const tests = [];
  for (let i = 0; i < results.length; i++) {
    const { name, status, message } = results[i];
    tests[i] = { name: wellFormed(name), status: statuses[status], message: wellFormed(message) };
  }
  const end = status === OK ? 'OK' : status === TIMEOUT ? 'TIMEOUT' : 'ERROR';
  return stringify({ status: end, message: wellFormed(message), tests });
}

const statuses = ['PASS', 'FAIL', 'TIMEOUT', 'NOTRUN', 'PRECONDITION_FAILED'];

/** JSON of the other side knows no lone surrogates; a replacement character would make names equal. */
function wellFormed(value) {
  const text = value === null || value === undefined ? '' : `${value}`;
  if (isWellFormed.call(text)) return text;
  return text.replace(/\p{Surrogate}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}
