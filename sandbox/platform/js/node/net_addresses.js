// @ts-check
/** `isIP` of `node:net` (https://nodejs.org/docs/latest-v20.x/api/net.html#netisipinput). */

import { RegExp, RegExpPrototypeExec } from '../primordials.js';

const v4 = '(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])(?:\\.(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])){3}';
const group = '(?:[0-9a-fA-F]{1,4})';
const address4 = new RegExp(`^${v4}$`);
const address6 = new RegExp(
  `^(?:(?:${group}:){7}(?:${group}|:)|(?:${group}:){6}(?:${v4}|:${group}|:)|(?:${group}:){5}(?::${v4}|(?::${group}){1,2}|:)|` +
    `(?:${group}:){4}(?:(?::${group}){0,1}:${v4}|(?::${group}){1,3}|:)|(?:${group}:){3}(?:(?::${group}){0,2}:${v4}|(?::${group}){1,4}|:)|` +
    `(?:${group}:){2}(?:(?::${group}){0,3}:${v4}|(?::${group}){1,5}|:)|(?:${group}:){1}(?:(?::${group}){0,4}:${v4}|(?::${group}){1,6}|:)|` +
    `(?::(?:(?::${group}){0,5}:${v4}|(?::${group}){1,7}|:)))(?:%[0-9a-zA-Z-.:]{1,})?$`,
);

export const isIPv4 = (input) => RegExpPrototypeExec(address4, `${input}`) !== null;
export const isIPv6 = (input) => RegExpPrototypeExec(address6, `${input}`) !== null;
export const isIP = (input) => (isIPv4(input) ? 4 : isIPv6(input) ? 6 : 0);
