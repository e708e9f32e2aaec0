// @ts-check
/** What can be told of any stream, of whoever's making. */

import { SymbolAsyncIterator, SymbolFor, SymbolIterator } from '../primordials.js';
import { invalidArgValue } from './errors.js';
import { validateInteger } from './validators.js';

const defaults = { __proto__: null, bytes: 16 * 1024, objects: 16 };

export const getDefaultHighWaterMark = (objectMode = false) => (objectMode ? defaults.objects : defaults.bytes);

export function setDefaultHighWaterMark(objectMode, value) {
  validateInteger(value, 'value', 0);
  if (objectMode) defaults.objects = value;
  else defaults.bytes = value;
}

export function highWaterMarkOf(state, options, duplexKey, isDuplex) {
  const mark = options?.highWaterMark != null ? options.highWaterMark : isDuplex ? options?.[duplexKey] : null;
  if (mark == null) return getDefaultHighWaterMark(state.objectMode);
  if (typeof mark !== 'number' || mark % 1 !== 0 || mark < 0) throw invalidArgValue(isDuplex ? `options.${duplexKey}` : 'options.highWaterMark', mark);
  return mark;
}

export const isReadableNodeStream = (value, strict = false) =>
  !!(value && typeof value.pipe === 'function' && typeof value.on === 'function' && (!strict || (typeof value.pause === 'function' && typeof value.resume === 'function')) &&
    (!value._writableState || value._readableState?.readable !== false) && (!value._writableState || value._readableState));
export const isWritableNodeStream = (value) => !!(value && typeof value.write === 'function' && typeof value.on === 'function' && (!value._readableState || value._writableState?.writable !== false));
export const isDuplexNodeStream = (value) => !!(value && typeof value.pipe === 'function' && value._readableState && typeof value.on === 'function' && typeof value.write === 'function');
export const isNodeStream = (value) => !!(value && (value._readableState || value._writableState || (typeof value.write === 'function' && typeof value.on === 'function') || (typeof value.pipe === 'function' && typeof value.on === 'function')));
export const isReadableStream = (value) => !!(value && !isNodeStream(value) && typeof value.pipeThrough === 'function' && typeof value.getReader === 'function' && typeof value.cancel === 'function');
export const isWritableStream = (value) => !!(value && !isNodeStream(value) && typeof value.getWriter === 'function' && typeof value.abort === 'function');
export const isTransformStream = (value) => !!(value && !isNodeStream(value) && typeof value.readable === 'object' && typeof value.writable === 'object');
export const isWebStream = (value) => isReadableStream(value) || isWritableStream(value) || isTransformStream(value);
export const isIterable = (value, async = undefined) => {
  if (value === null || value === undefined) return false;
  if (async === true) return typeof value[SymbolAsyncIterator] === 'function';
  if (async === false) return typeof value[SymbolIterator] === 'function';
  return typeof value[SymbolAsyncIterator] === 'function' || typeof value[SymbolIterator] === 'function';
};

export function isDestroyed(stream) {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  return !!(stream.destroyed || state?.destroyed);
}

export function isWritableEnded(stream) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableEnded === true) return true;
  const w = stream._writableState;
  if (w?.errored) return false;
  return typeof w?.ended === 'boolean' ? w.ended : null;
}

export function isWritableFinished(stream, strict = undefined) {
  if (!isWritableNodeStream(stream)) return null;
  if (stream.writableFinished === true) return true;
  const w = stream._writableState;
  if (w?.errored) return false;
  if (typeof w?.finished !== 'boolean') return null;
  return !!(w.finished || (strict === false && w.ended === true && w.length === 0));
}

export function isReadableFinished(stream, strict = undefined) {
  if (!isReadableNodeStream(stream)) return null;
  const r = stream._readableState;
  if (r?.errored) return false;
  if (typeof r?.endEmitted !== 'boolean') return null;
  return !!(r.endEmitted || (strict === false && r.ended === true && r.length === 0));
}

export function isReadable(stream) {
  if (stream && stream[kIsReadable] != null) return stream[kIsReadable];
  if (isReadableStream(stream)) return true;
  if (typeof stream?.readable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isReadableNodeStream(stream) && stream.readable && !isReadableFinished(stream);
}

export function isWritable(stream) {
  if (typeof stream?.writable !== 'boolean') return null;
  if (isDestroyed(stream)) return false;
  return isWritableNodeStream(stream) && stream.writable && !isWritableEnded(stream);
}

export const kIsReadable = SymbolFor('nodejs.stream.readable');
export const kIsDisturbed = SymbolFor('nodejs.stream.disturbed');
export const kIsErrored = SymbolFor('nodejs.stream.errored');

export function isDisturbed(stream) {
  return !!(stream && (stream[kIsDisturbed] ?? (stream.readableDidRead || stream.readableAborted)));
}

export function isErrored(stream) {
  return !!(stream && (stream[kIsErrored] ?? stream.readableErrored ?? stream.writableErrored ?? stream._readableState?.errored ?? stream._writableState?.errored));
}

export function isClosed(stream) {
  if (!isNodeStream(stream)) return null;
  if (typeof stream.closed === 'boolean') return stream.closed;
  const w = stream._writableState;
  const r = stream._readableState;
  if (typeof w?.closed === 'boolean' || typeof r?.closed === 'boolean') return w?.closed || r?.closed;
  return null;
}

export const willEmitClose = (stream) => {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState || stream._readableState;
  return !!(state && state.autoDestroy && state.emitClose && state.closed === false);
};

