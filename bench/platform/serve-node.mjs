// The workloads under Node, which has no server of that kind: between its http module and Request and Response.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';

import app from './workloads.mjs';

const server = createServer(async (incoming, outgoing) => {
  const response = await app.fetch(new Request(`http://localhost${incoming.url}`));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else Readable.fromWeb(response.body).pipe(outgoing);
});
server.listen(Number(process.argv[2]), '127.0.0.1');
