// @ts-check
/** `node:readline`, by name alone: there is nothing to read lines from. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('readline', [
    'Interface', 'clearLine', 'clearScreenDown', 'createInterface', 'cursorTo', 'emitKeypressEvents', 'moveCursor',
  ]),
  promises: stubs('readline/promises', ['Interface', 'Readline', 'createInterface'], true),
};

export const {
  Interface, clearLine, clearScreenDown, createInterface, cursorTo, emitKeypressEvents, moveCursor, promises,
} = module;
export default module;
