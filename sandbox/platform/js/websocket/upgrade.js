// @ts-check
/** `Deno.upgradeWebSocket` (https://docs.deno.com/api/deno/~/Deno.upgradeWebSocket): a WebSocket that opens when its response goes out. */

import { headersFromBlock, headersGet } from '../headers.js';
import { StringPrototypeToLowerCase, TypeError } from '../primordials.js';
import { isRequest, requestParts } from '../request.js';
import { Response } from '../response.js';
import { converters, requiredArguments } from '../webidl.js';
import { createPair } from './websocket.js';

export function upgradeWebSocket(request, options = undefined) {
  const prefix = "Failed to execute 'upgradeWebSocket' on 'Deno'";
  requiredArguments(arguments.length, 1, prefix);
  if (!isRequest(request)) throw new TypeError(`${prefix}: Argument 1 is not a Request.`);
  const upgrade = headersGet(headersFromBlock(requestParts(request).block, 'none'), 'upgrade');
  if (upgrade === null || StringPrototypeToLowerCase(upgrade) !== 'websocket') {
    throw new TypeError(`${prefix}: The header 'upgrade' of the request is not 'websocket'.`);
  }
  const given = options === undefined || options === null ? undefined : options.protocol;
  const protocol = given === undefined ? '' : converters.DOMString(given, prefix, 'protocol');
  const { client, server } = createPair(true, protocol);
  const headers = protocol === '' ? undefined : { __proto__: null, 'sec-websocket-protocol': protocol };
  return { socket: server, response: new Response(null, { __proto__: null, status: 101, webSocket: client, headers }) };
}
