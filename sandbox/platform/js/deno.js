// @ts-check
/**
 * The part of the `Deno` namespace that code for servers uses (https://docs.deno.com/api/deno/): `Deno.serve` and what the
 * deployment knows of itself.
 */

import { lazy } from './lazy.js';
import { ops } from './ops.js';
import { ObjectFreeze, ObjectKeys, Promise, PromiseResolve, ReflectApply, TypeError } from './primordials.js';
import { registerHandler } from './serve.js';

const address = ObjectFreeze({ transport: 'tcp', hostname: '0.0.0.0', port: 80 });

/** The handler among the arguments that `serve` accepts: `(handler)`, `(options, handler)`, `(options with handler or fetch)`. */
function handlerOf(first, second) {
  if (typeof first === 'function') return first;
  if (typeof second === 'function') return second;
  const handler = first?.handler ?? first?.fetch;
  if (typeof handler === 'function') return handler;
  throw new TypeError('A handler function must be provided.');
}

function serve(first, second = undefined) {
  const handler = handlerOf(first, second);
  const options = typeof first === 'function' ? second : first;
  const onError = options?.onError;
  const fetch = (request, _environment, context) => {
    const client = request.headers.get('x-forwarded-for') ?? '';
    const information = { remoteAddr: { transport: 'tcp', hostname: client, port: 0 }, completed: PromiseResolve(), context };
    if (typeof onError !== 'function') return ReflectApply(handler, undefined, [request, information]);
    return answer(handler, request, information, onError);
  };
  if (!registerHandler(fetch)) throw new TypeError('Deno.serve was called before: a deployment has one server.');
  if (typeof options?.onListen === 'function') options.onListen(address);
  return {
    addr: address,
    finished: new Promise(() => {}),
    ref() {},
    unref() {},
    shutdown: () => PromiseResolve(),
  };
}

async function answer(handler, request, information, onError) {
  try {
    return await ReflectApply(handler, undefined, [request, information]);
  } catch (error) {
    return ReflectApply(onError, undefined, [error]);
  }
}

const variables = () => lazy('./node/process.js').env;

const env = {
  get(key) {
    return variables()[`${key}`];
  },
  set(key, value) {
    variables()[`${key}`] = `${value}`;
  },
  has(key) {
    return variables()[`${key}`] !== undefined;
  },
  delete(key) {
    delete variables()[`${key}`];
  },
  toObject() {
    const object = {};
    const keys = ObjectKeys(variables());
    for (let i = 0; i < keys.length; i++) object[keys[i]] = variables()[keys[i]];
    return object;
  },
};

/** @type {any} */
export const Deno = {
  serve,
  env,
  /** The release whose API this follows. */
  version: ObjectFreeze({ deno: '2.0.0', v8: '', typescript: '' }),
  build: ObjectFreeze({ target: 'x86_64-unknown-linux-gnu', arch: 'x86_64', os: 'linux', vendor: 'unknown', env: 'gnu' }),
  args: ObjectFreeze([]),
  pid: 1,
  noColor: true,
  mainModule: 'file:///index.js',
  cwd: () => '/',
  exit(code = 0) {
    throw new TypeError(`Deno.exit(${code}) was called: an isolate ends when its host says so`);
  },
  memoryUsage() {
    const bytes = ops.memoryUsage();
    return { rss: bytes, heapTotal: bytes, heapUsed: bytes, external: 0 };
  },
  upgradeWebSocket: (request, options = undefined) => lazy('./websocket/upgrade.js').upgradeWebSocket(request, options),
  inspect: (value, options = undefined) => lazy('./node/inspect.js').inspect(value, options),
};
