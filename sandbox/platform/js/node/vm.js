// @ts-check
/** `node:vm`, by name alone: code comes from the bundle alone. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('vm', [
    'Script', 'createContext', 'createScript', 'runInContext', 'runInNewContext', 'runInThisContext', 'isContext', 'compileFunction', 'measureMemory',
  ]),
  constants: { __proto__: null },
};

export const {
  Script, createContext, createScript, runInContext, runInNewContext, runInThisContext, isContext, compileFunction, measureMemory, constants,
} = module;
export default module;
