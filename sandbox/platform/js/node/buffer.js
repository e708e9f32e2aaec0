// @ts-check
/** `node:buffer` (https://nodejs.org/docs/latest-v20.x/api/buffer.html). */

import { atob, btoa } from '../base64.js';
import { Blob, File } from '../blob.js';
import { ops } from '../ops.js';
import { NumberIsNaN, ObjectDefineProperty, ObjectFreeze, StringPrototypeCharCodeAt } from '../primordials.js';
import { ArrayBufferIsView, TypedArrayPrototypeGetLength } from '../primordials/buffers.js';
import { bufferSourceForOp, isArrayBuffer } from '../webidl_buffers.js';
import { adopt, Buffer, inspection, isUint8Array, kMaxLength } from './buffer_class.js';
import { ASCII, encodingNumber, LATIN1, UTF16LE, UTF8 } from './buffer_encoding.js';
import { invalidArgType, plainError } from './errors.js';
import { validateNumber } from './validators.js';

export { atob, Blob, btoa, Buffer, File, kMaxLength };

/** The engine's own. */
export const kStringMaxLength = 2 ** 30 - 2;
export const constants = ObjectFreeze({ __proto__: null, MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength });
export const INSPECT_MAX_BYTES = inspection.maxBytes;

export function SlowBuffer(length) {
  return Buffer.allocUnsafeSlow(length);
}

function textual(input, ascii) {
  if (!ArrayBufferIsView(input) && !isArrayBuffer(input)) throw invalidArgType('input', ['ArrayBuffer', 'Buffer', 'TypedArray'], input);
  return ops.bufferIsText(bufferSourceForOp(input), ascii);
}

export function isUtf8(input) {
  return textual(input, false);
}

export function isAscii(input) {
  return textual(input, true);
}

/** What the target cannot hold becomes "?". */
export function transcode(source, fromEncoding, toEncoding) {
  if (!isUint8Array(source)) throw invalidArgType('source', ['Buffer', 'Uint8Array'], source);
  const from = encodingNumber(fromEncoding);
  const to = encodingNumber(toEncoding);
  if (!transcodes(from) || !transcodes(to)) {
    throw plainError('U_ILLEGAL_ARGUMENT_ERROR', 'Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]', { errno: 1 });
  }
  if (TypedArrayPrototypeGetLength(source) === 0) return Buffer.alloc(0);
  const text = ops.bufferDecode(source, from === ASCII ? LATIN1 : from, 0, undefined);
  if (to === UTF8 || to === UTF16LE) return adopt(ops.bufferEncode(text, to));
  const limit = to === ASCII ? 0x80 : 0x100;
  let narrow = '';
  for (let i = 0; i < text.length; i++) {
    const unit = StringPrototypeCharCodeAt(text, i);
    if (unit >= 0xdc00 && unit <= 0xdfff) continue;
    narrow += unit < limit ? text[i] : '?';
  }
  return adopt(ops.bufferEncode(narrow, LATIN1));
}

const transcodes = (number) => number === UTF8 || number === UTF16LE || number === LATIN1 || number === ASCII;

export function resolveObjectURL(_id) {
  return undefined;
}

const module = {
  Buffer, SlowBuffer, transcode, isUtf8, isAscii, kMaxLength, kStringMaxLength, btoa, atob, constants, Blob, resolveObjectURL, File,
};
ObjectDefineProperty(module, 'INSPECT_MAX_BYTES', {
  __proto__: null,
  get: () => inspection.maxBytes,
  set(value) {
    validateNumber(value, 'INSPECT_MAX_BYTES', 0);
    if (!NumberIsNaN(value)) inspection.maxBytes = value;
  },
  enumerable: true,
  configurable: true,
});
export default module;
