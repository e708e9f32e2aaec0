// @ts-check
/** `node:inspector`, by name alone: there is no inspector. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('inspector', [
    'open', 'close', 'waitForDebugger', 'Session',
  ]),
  url: () => undefined,
  console: {},
};

export const {
  open, close, url, waitForDebugger, Session, console,
} = module;
export default module;
