// @ts-check
/** The standard streams of `node:process`: what is written goes to the tenant's log, and there is nothing to read. */

import { lazy } from '../lazy.js';
import { UTF8 } from './buffer_encoding.js';
import { ops } from '../ops.js';

/** A Writable that gives its text to `write`. */
export function createOutput(fd, write) {
  const { Writable } = lazy('./node/stream.js').default;
  const output = new Writable({
    decodeStrings: false,
    write(chunk, encoding, callback) {
      write(typeof chunk === 'string' ? chunk : ops.bufferDecode(chunk, UTF8, 0, undefined));
      callback();
    },
  });
  output.fd = fd;
  output.isTTY = false;
  output._type = 'pipe';
  // Whoever ends it may go on writing: it is the process's.
  output.destroySoon = output.destroy = function destroy() {
    return output;
  };
  output.end = function end(chunk, encoding) {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') output.write(chunk, encoding);
    return output;
  };
  return output;
}

/** A Readable that has ended. */
export function createInput() {
  const { Readable } = lazy('./node/stream.js').default;
  const input = new Readable({
    read() {
      this.push(null);
    },
  });
  input.fd = 0;
  input.isTTY = false;
  return input;
}
