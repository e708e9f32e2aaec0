// @ts-check
/** `node:dgram`, by name alone: an isolate has no sockets. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('dgram', [
    'createSocket', 'Socket',
  ]),
};

export const {
  createSocket, Socket,
} = module;
export default module;
