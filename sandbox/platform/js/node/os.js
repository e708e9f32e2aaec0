// @ts-check
/** `node:os` (https://nodejs.org/docs/latest-v20.x/api/os.html): what an isolate may know of the machine, which is its kind. */

import { ops } from '../ops.js';
import { constants } from './constants_os.js';
import { notAvailable } from './errors.js';

export { constants };
export const EOL = '\n';
export const devNull = '/dev/null';

export const arch = () => 'x64';
export const availableParallelism = () => 1;
export const cpus = () => [];
export const endianness = () => 'LE';
export const freemem = () => 0;
export const homedir = () => '/';
export const hostname = () => 'insula';
export const loadavg = () => [0, 0, 0];
export const machine = () => 'x86_64';
export const networkInterfaces = () => ({});
export const platform = () => 'linux';
export const release = () => '';
export const tmpdir = () => '/tmp';
export const totalmem = () => 0;
export const type = () => 'Linux';
export const uptime = () => ops.now() / 1000;
export const userInfo = () => ({ uid: -1, gid: -1, username: 'insula', homedir: '/', shell: null });
export const version = () => '';
export function getPriority() {
  throw notAvailable('node:os.getPriority');
}
export function setPriority() {
  throw notAvailable('node:os.setPriority');
}

export default {
  arch, availableParallelism, cpus, endianness, freemem, getPriority, homedir, hostname, loadavg, networkInterfaces, platform, release, setPriority, tmpdir, totalmem, type, userInfo, uptime, version,
  machine, constants, EOL, devNull,
};
