// @ts-check
/** Modules of the platform that are evaluated when something first needs them. */

import { ops } from './ops.js';

const loaded = { __proto__: null };

/** The namespace of the platform module at `path` (`./url.js`), evaluated now if it was not before. */
export function lazy(path) {
  return (loaded[path] ??= ops.loadModule(path));
}

/** The same, or undefined while nothing has needed the module: then none of its objects exist. */
export function ifLoaded(path) {
  return (loaded[path] ??= ops.loadedModule(path));
}
