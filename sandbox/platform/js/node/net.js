// @ts-check
/** `node:net`, by name alone: an isolate has no sockets. What is called throws an error that names it. */

import { isIP, isIPv4, isIPv6 } from './net_addresses.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('net', [
    'BlockList', 'SocketAddress', 'connect', 'createConnection', 'createServer', 'Server', 'Socket', 'Stream', 'getDefaultAutoSelectFamily',
    'setDefaultAutoSelectFamily', 'getDefaultAutoSelectFamilyAttemptTimeout', 'setDefaultAutoSelectFamilyAttemptTimeout',
  ]),
  isIP,
  isIPv4,
  isIPv6,
};

export const {
  BlockList, SocketAddress, connect, createConnection, createServer, Server, Socket, Stream, getDefaultAutoSelectFamily, setDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout,
} = module;
export { isIP, isIPv4, isIPv6 };
export default module;
