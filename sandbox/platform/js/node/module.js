// @ts-check
/** `node:module` (https://nodejs.org/docs/latest-v20.x/api/module.html): what there is to load are the built-in modules. */

import { lazy } from '../lazy.js';
import { ops } from '../ops.js';
import { StringPrototypeSlice, StringPrototypeStartsWith } from '../primordials.js';
import { invalidArgValue, notAvailable, plainError } from './errors.js';
import { validateString } from './validators.js';

export const builtinModules = ops.builtinNames();

export function isBuiltin(moduleName) {
  return ops.builtinPath(`${moduleName}`) !== undefined;
}

/** What `require` of a built-in module returns; undefined if there is no such module. */
export function getBuiltinModule(id) {
  validateString(id, 'id');
  const path = ops.builtinPath(id);
  return path === undefined ? undefined : lazy(path).default;
}

function makeRequire() {
  function require(id) {
    const found = getBuiltinModule(id);
    if (found !== undefined) return found;
    throw plainError('MODULE_NOT_FOUND', `Cannot find module '${id}': only built-in modules can be required, others have to be bundled`, { requireStack: [] });
  }
  require.resolve = function resolve(request) {
    validateString(request, 'request');
    if (isBuiltin(request)) return request;
    throw plainError('MODULE_NOT_FOUND', `Cannot find module '${request}'`, { requireStack: [] });
  };
  require.resolve.paths = () => null;
  require.cache = { __proto__: null };
  require.extensions = { __proto__: null };
  require.main = undefined;
  return require;
}

export function createRequire(filename) {
  const isUrl = typeof filename === 'object' && filename !== null && typeof filename.href === 'string';
  const text = isUrl ? filename.href : filename;
  if (typeof text !== 'string' || !(StringPrototypeStartsWith(text, 'file:') || text[0] === '/')) {
    throw invalidArgValue('filename', filename, 'must be a file URL object, file URL string, or absolute path string');
  }
  return makeRequire();
}

/** What modules get that use `require` as bundlers' code for CommonJS packages does. */
export const __require = makeRequire();

/** @type {any} */
export function Module(id = '', _parent = undefined) {
  this.id = id;
  this.path = StringPrototypeSlice(id, 0, -1);
  this.exports = {};
  this.filename = null;
  this.loaded = false;
  this.children = [];
}
Module.prototype.require = function require(id) {
  return __require(id);
};

export function syncBuiltinESMExports() {}
export function findSourceMap() {
  return undefined;
}
export function register() {
  throw notAvailable('node:module.register');
}
export const globalPaths = [];

Module.builtinModules = builtinModules;
Module.isBuiltin = isBuiltin;
Module.createRequire = createRequire;
Module.syncBuiltinESMExports = syncBuiltinESMExports;
Module.findSourceMap = findSourceMap;
Module.register = register;
Module.globalPaths = globalPaths;
Module.Module = Module;
export default Module;
