// @ts-check
/**
 * WebSocketPair, as Workers have it; no specification has one. Its properties `0` and `1` are two WebSockets that are
 * joined: one goes to a client in a response with status 101, the other one serves.
 */

import { ObjectDefineProperty } from '../primordials.js';
import { configureInterface } from '../webidl.js';
import { createPair } from './websocket.js';

export class WebSocketPair {
  constructor() {
    const { client, server } = createPair(false, '');
    define(this, '0', client);
    define(this, '1', server);
  }
}

configureInterface(WebSocketPair);

function define(object, name, value) {
  ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}
