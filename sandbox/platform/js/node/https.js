// @ts-check
/** `node:https`, by name alone: requests are made with fetch, and received by the exported handler. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('https', [
    'Agent', 'Server', 'createServer', 'get', 'request',
  ]),
  globalAgent: {},
};

export const {
  Agent, Server, createServer, get, request, globalAgent,
} = module;
export default module;
