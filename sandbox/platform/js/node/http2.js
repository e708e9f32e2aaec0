// @ts-check
/** `node:http2`, by name alone: requests are made with fetch. What is called throws an error that names it. */

import { SymbolFor } from '../primordials.js';
import { stubs } from './unavailable.js';

const module = {
  ...stubs('http2', [
    'connect', 'createServer', 'createSecureServer', 'getDefaultSettings', 'getPackedSettings', 'getUnpackedSettings', 'performServerHandshake', 'Http2ServerRequest',
    'Http2ServerResponse',
  ]),
  constants: {},
  sensitiveHeaders: SymbolFor('nodejs.http2.sensitiveHeaders'),
};

export const {
  connect, createServer, createSecureServer, getDefaultSettings, getPackedSettings, getUnpackedSettings, performServerHandshake, Http2ServerRequest,
  Http2ServerResponse, constants, sensitiveHeaders,
} = module;
export default module;
