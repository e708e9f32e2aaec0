// @ts-check
/** `node:console` (https://nodejs.org/docs/latest-v20.x/api/console.html): the global `console`. */

import { console } from '../console.js';
import { stubs } from './unavailable.js';

export const { Console } = stubs('console', ['Console']);
export const {
  assert, clear, count, countReset, debug, dir, dirxml, error, group, groupCollapsed, groupEnd, info, log, table, time, timeEnd, timeLog, trace, warn,
} = console;
export default { ...console, Console };
