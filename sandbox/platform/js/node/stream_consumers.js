// @ts-check
/** `node:stream/consumers` (https://nodejs.org/docs/latest-v20.x/api/webstreams.html#utility-consumers). */

import { TextDecoder } from '../encoding.js';
import { lazy } from '../lazy.js';
import { ArrayPrototypePush } from '../primordials.js';
import { JSONParse } from '../primordials/json.js';

async function collect(stream) {
  const parts = [];
  for await (const chunk of stream) ArrayPrototypePush(parts, chunk);
  return parts;
}

export async function blob(stream) {
  return new (lazy('./blob.js').Blob)(await collect(stream));
}

export async function arrayBuffer(stream) {
  return (await blob(stream)).arrayBuffer();
}

export async function buffer(stream) {
  return lazy('./node/buffer_class.js').Buffer.from(await arrayBuffer(stream));
}

export async function text(stream) {
  const decoder = new TextDecoder();
  let all = '';
  for await (const chunk of stream) all += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return all + decoder.decode(undefined, { stream: false });
}

export async function json(stream) {
  return JSONParse(await text(stream));
}

export default { arrayBuffer, blob, buffer, text, json };
