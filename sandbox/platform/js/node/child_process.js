// @ts-check
/** `node:child_process`, by name alone: an isolate starts no programs. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('child_process', [
    'ChildProcess', 'exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync',
  ]),
};

export const {
  ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync,
} = module;
export default module;
