// @ts-check
/**
 * The native functions of this isolate. The binding leaves the global before tenant code runs, so
 * this module is the only way to them.
 */

/** @type {Record<string, Function>} */
export const ops = globalThis.__insula;
