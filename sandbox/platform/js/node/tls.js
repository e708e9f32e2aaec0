// @ts-check
/** `node:tls`, by name alone: an isolate has no sockets. What is called throws an error that names it. */

import { stubs } from './unavailable.js';

const module = {
  ...stubs('tls', [
    'getCiphers', 'convertALPNProtocols', 'checkServerIdentity', 'createSecureContext', 'SecureContext', 'TLSSocket', 'Server', 'createServer', 'connect',
    'createSecurePair',
  ]),
  rootCertificates: [],
  DEFAULT_ECDH_CURVE: 'auto',
  DEFAULT_MIN_VERSION: 'TLSv1.2',
  DEFAULT_MAX_VERSION: 'TLSv1.3',
  CLIENT_RENEG_LIMIT: 3,
  CLIENT_RENEG_WINDOW: 600,
};

export const {
  getCiphers, convertALPNProtocols, checkServerIdentity, createSecureContext, SecureContext, TLSSocket, Server, createServer, connect, createSecurePair,
  rootCertificates, DEFAULT_ECDH_CURVE, DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION, CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW,
} = module;
export default module;
