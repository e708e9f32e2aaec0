// @ts-check
/** `node:tty` (https://nodejs.org/docs/latest-v20.x/api/tty.html): there is no terminal. */

import { stubs } from './unavailable.js';

export const isatty = (_fd) => false;
const module = { isatty, ...stubs('tty', ['ReadStream', 'WriteStream']) };
export const { ReadStream, WriteStream } = module;
export default module;
