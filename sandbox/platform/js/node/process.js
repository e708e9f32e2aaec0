// @ts-check
/** `node:process` (https://nodejs.org/docs/latest-v20.x/api/process.html), as far as an isolate has something to say. */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import {
  ArrayIsArray, BigInt, Error, NumberIsInteger, ObjectDefineProperty, ObjectKeys, ObjectSetPrototypeOf, ReflectApply, ReflectSet,
  StringPrototypeIndexOf, StringPrototypeSlice, SymbolToStringTag, TypeError,
} from '../primordials.js';
import { Set } from '../primordials/collections.js';
import { MathFloor } from '../primordials/math.js';
import { Proxy } from '../primordials/proxy.js';
import { invalidArgType, invalidArgValue, notAvailable, outOfRange, plainError, typeError } from './errors.js';
import { EventEmitter } from './events_emitter.js';
import { getBuiltinModule } from './module.js';
import { nextTick } from './ticks.js';
import { validateArray, validateString } from './validators.js';

export { getBuiltinModule, nextTick };

/** The release of Node.js that the modules here follow; packages read it to know what they can call. */
export const version = 'v20.20.2';
export const versions = { node: '20.20.2' };
export const release = { name: 'node', lts: 'Iron' };
export const arch = 'x64';
export const platform = 'linux';
export const title = 'insula';
export const pid = 1;
export const ppid = 0;
export const argv = ['node', '/index.js'];
export const argv0 = 'node';
export const execArgv = [];
export const execPath = '/usr/bin/node';
export const exitCode = undefined;
export const debugPort = 9229;
export const features = {
  inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true, cached_builtins: true,
};
export const config = { target_defaults: {}, variables: {} };
export const allowedNodeEnvironmentFlags = new Set();

// The deployment's variables: a copy, and text only.
const variables = {};
const given = ops.variables();
for (let i = 0; i < given.length; i += 2) variables[given[i]] = given[i + 1];
export const env = new Proxy(variables, {
  __proto__: null,
  set(target, key, value) {
    if (typeof key === 'symbol' || typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
    return ReflectSet(target, key, `${value}`);
  },
  defineProperty(target, key, descriptor) {
    const { value } = descriptor;
    if (descriptor.get !== undefined || descriptor.set !== undefined) {
      throw typeError('ERR_INVALID_OBJECT_DEFINE_PROPERTY', "'process.env' does not accept an accessor(getter/setter) descriptor");
    }
    ObjectDefineProperty(target, key, { __proto__: null, value: `${value}`, writable: true, enumerable: true, configurable: true });
    return true;
  },
});

// Time: it stands still while code runs.

/** @type {any} */
export function hrtime(time = undefined) {
  const now = ops.now();
  const seconds = MathFloor(now / 1000);
  const nanoseconds = MathFloor((now - seconds * 1000) * 1e6);
  if (time === undefined) return [seconds, nanoseconds];
  validateArray(time, 'time');
  if (time.length !== 2) throw outOfRange('time', 2, time.length);
  const difference = nanoseconds - time[1];
  return difference < 0 ? [seconds - time[0] - 1, difference + 1e9] : [seconds - time[0], difference];
}
hrtime.bigint = function bigint() {
  return BigInt(MathFloor(ops.now() * 1e3)) * 1000n;
};

export function uptime() {
  return ops.now() / 1000;
}

export function cwd() {
  return '/';
}

export function umask(mask = undefined) {
  if (mask !== undefined) throw notAvailable('process.umask');
  return 0o022;
}

// Output goes to the tenant's log, line by line.

function lineWriter(fd, level) {
  let pending = '';
  const write = (text) => {
    // Not `console.log`, which a tenant may have sent here.
    const { printLine } = lazy('./console.js');
    let start = 0;
    for (let end = StringPrototypeIndexOf(text, '\n'); end !== -1; end = StringPrototypeIndexOf(text, '\n', start)) {
      printLine(level, pending + StringPrototypeSlice(text, start, end));
      pending = '';
      start = end + 1;
    }
    pending += StringPrototypeSlice(text, start);
  };
  return lazy('./node/process_streams.js').createOutput(fd, write);
}

let stdout;
let stderr;
let stdin;

const accessors = {
  __proto__: null,
  stdout: () => (stdout ??= lineWriter(1, 'log')),
  stderr: () => (stderr ??= lineWriter(2, 'error')),
  stdin: () => (stdin ??= lazy('./node/process_streams.js').createInput()),
};

// Warnings.

export function emitWarning(warning, type = undefined, code = undefined, constructor = undefined) {
  let detail;
  if (type !== null && typeof type === 'object' && !ArrayIsArray(type)) {
    constructor = type.ctor;
    code = type.code;
    if (typeof type.detail === 'string') detail = type.detail;
    type = type.type || 'Warning';
  } else if (typeof type === 'function') {
    type = 'Warning';
    code = undefined;
  }
  if (type !== undefined) validateString(type, 'type');
  if (typeof code === 'function') code = undefined;
  else if (code !== undefined) validateString(code, 'code');
  if (typeof warning === 'string') {
    const text = warning;
    warning = new Error(text);
    warning.name = `${type || 'Warning'}`;
    if (code !== undefined) warning.code = code;
    if (detail !== undefined) warning.detail = detail;
  } else if (!(warning instanceof Error)) {
    throw invalidArgType('warning', ['Error', 'string'], warning);
  }
  if (warning.name === 'DeprecationWarning') {
    if (process.noDeprecation) return;
    if (process.throwDeprecation) throw warning;
  }
  nextTick(announce, warning);
}

function announce(warning) {
  if (!process.noProcessWarnings) {
    const code = warning.code ? `[${warning.code}] ` : '';
    lazy('./console.js').console.warn(`(node:${pid}) ${code}${warning.name}: ${warning.message}${warning.detail ? `\n${warning.detail}` : ''}`);
  }
  process.emit('warning', warning);
}

// What one tenant may not do to a process of many.

export function exit(code = undefined) {
  throw plainError('ERR_PROCESS_EXIT', `process.exit(${code === undefined ? '' : code}) was called: an isolate ends when its host says so`);
}

const refuse = (name) =>
  function () {
    throw notAvailable(`process.${name}`);
  };
export const abort = refuse('abort');
export const kill = refuse('kill');
export const chdir = refuse('chdir');
export const dlopen = refuse('dlopen');
export const binding = refuse('binding');
export const cpuUsage = refuse('cpuUsage');
export const resourceUsage = refuse('resourceUsage');
export const loadEnvFile = refuse('loadEnvFile');

export function memoryUsage() {
  const bytes = ops.memoryUsage();
  return { rss: bytes, heapTotal: bytes, heapUsed: bytes, external: 0, arrayBuffers: 0 };
}
memoryUsage.rss = function rss() {
  return memoryUsage().rss;
};

export function getActiveResourcesInfo() {
  return [];
}
export function setUncaughtExceptionCaptureCallback(fn) {
  lazy('./node/process_events.js').setUncaughtExceptionCaptureCallback(fn);
}
export function hasUncaughtExceptionCaptureCallback() {
  return lazy('./node/process_events.js').hasUncaughtExceptionCaptureCallback();
}
export function setSourceMapsEnabled() {}

// The object.

/** @type {any} */
const process = {};
const proto = ObjectSetPrototypeOf({}, EventEmitter.prototype);
ObjectDefineProperty(proto, 'constructor', {
  __proto__: null,
  value: { process() {} }.process,
  writable: true,
  enumerable: false,
  configurable: true,
});
ObjectSetPrototypeOf(process, proto);
ObjectDefineProperty(process, SymbolToStringTag, { __proto__: null, value: 'process', writable: false, enumerable: false, configurable: true });
ReflectApply(EventEmitter, process, []);

const members = {
  version, versions, arch, platform, release, features, config, title, pid, ppid, argv, argv0, execArgv, execPath, exitCode, debugPort, env, allowedNodeEnvironmentFlags, nextTick,
  getBuiltinModule, hrtime, uptime, cwd, umask, emitWarning, exit, reallyExit: exit, abort, kill, chdir, dlopen, binding, cpuUsage, resourceUsage, memoryUsage, loadEnvFile,
  getActiveResourcesInfo, setUncaughtExceptionCaptureCallback, hasUncaughtExceptionCaptureCallback, setSourceMapsEnabled,
};
const names = ObjectKeys(members);
for (let i = 0; i < names.length; i++) process[names[i]] = members[names[i]];
const streams = ObjectKeys(accessors);
for (let i = 0; i < streams.length; i++) {
  ObjectDefineProperty(process, streams[i], { __proto__: null, get: accessors[streams[i]], set: undefined, enumerable: true, configurable: true });
}
ObjectDefineProperty(process, 'exitCode', {
  __proto__: null,
  get: () => code,
  set(value) {
    if (value !== undefined && value !== null && !NumberIsInteger(+value)) throw invalidArgValue('code', value);
    code = value;
  },
  enumerable: true,
  configurable: true,
});
let code;

const bound = (name) => (...args) => ReflectApply(process[name], process, args);
export const on = bound('on');
export const once = bound('once');
export const off = bound('off');
export const addListener = bound('addListener');
export const removeListener = bound('removeListener');
export const removeAllListeners = bound('removeAllListeners');
export const emit = bound('emit');
export const listeners = bound('listeners');
export const listenerCount = bound('listenerCount');

export default process;
export { process };
