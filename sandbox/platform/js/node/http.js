// @ts-check
/** `node:http`, by name alone: requests are made with fetch, and received by the exported handler. What is called throws an error that names it. */

import { METHODS, STATUS_CODES } from './http_names.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('http', [
    'Agent', 'ClientRequest', 'IncomingMessage', 'OutgoingMessage', 'Server', 'ServerResponse', 'createServer', 'validateHeaderName', 'validateHeaderValue', 'get',
    'request', 'setMaxIdleHTTPParsers',
  ]),
  METHODS,
  STATUS_CODES,
  globalAgent: {},
  maxHeaderSize: 16384,
};

export const {
  Agent, ClientRequest, IncomingMessage, OutgoingMessage, Server, ServerResponse, createServer, validateHeaderName, validateHeaderValue, get, request,
  setMaxIdleHTTPParsers, globalAgent, maxHeaderSize,
} = module;
export { METHODS, STATUS_CODES };
export default module;
