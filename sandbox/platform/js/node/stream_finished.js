// @ts-check
/** `stream.finished` and `addAbortSignal` (https://nodejs.org/docs/latest-v20.x/api/stream.html#streamfinishedstream-options-callback). */

import { lazy } from '../lazy.js';
import { Promise, PromisePrototypeThen, ReflectApply } from '../primordials.js';
import { AbortError, invalidArgType } from './errors.js';
import { prematureClose } from './stream_errors.js';
import {
  isClosed, isNodeStream, isReadable, isReadableFinished, isReadableNodeStream, isReadableStream, isWebStream, isWritable, isWritableFinished, isWritableNodeStream, isWritableStream,
  willEmitClose,
} from './stream_state.js';
import { nextTick } from './ticks.js';
import { validateAbortSignal, validateFunction, validateObject } from './validators.js';

const isRequest = (stream) => stream.setHeader && typeof stream.abort === 'function';
function nothing() {}

export function finished(stream, options, callback) {
  if (arguments.length === 2) {
    callback = options;
    options = {};
  } else if (options === null || options === undefined) {
    options = {};
  } else {
    validateObject(options, 'options');
  }
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');
  const inner = callback;
  let called = false;
  callback = function (...args) {
    if (called) return;
    called = true;
    ReflectApply(inner, this, args);
  };
  if (isReadableStream(stream) || isWritableStream(stream)) return finishedWeb(stream, options, callback);
  if (!isNodeStream(stream)) throw invalidArgType('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);

  const readable = options.readable ?? isReadableNodeStream(stream);
  const writable = options.writable ?? isWritableNodeStream(stream);
  const w = stream._writableState;
  const r = stream._readableState;
  const onlegacyfinish = () => {
    if (!stream.writable) onfinish();
  };
  let emitsClose = willEmitClose(stream) && isReadableNodeStream(stream) === readable && isWritableNodeStream(stream) === writable;
  let writableFinished = isWritableFinished(stream, false);
  const onfinish = () => {
    writableFinished = true;
    // Destroyed by somebody: it may be that no close follows.
    if (stream.destroyed) emitsClose = false;
    if (emitsClose && (!stream.readable || readable)) return;
    if (!readable || readableFinished) ReflectApply(callback, stream, []);
  };
  let readableFinished = isReadableFinished(stream, false);
  const onend = () => {
    readableFinished = true;
    if (stream.destroyed) emitsClose = false;
    if (emitsClose && (!stream.writable || writable)) return;
    if (!writable || writableFinished) ReflectApply(callback, stream, []);
  };
  const onerror = (error) => ReflectApply(callback, stream, [error]);
  let closed = isClosed(stream);
  const onclose = () => {
    closed = true;
    const errored = w?.errored ?? r?.errored;
    if (errored && typeof errored !== 'boolean') return ReflectApply(callback, stream, [errored]);
    if (readable && !readableFinished && isReadableNodeStream(stream, true) && !isReadableFinished(stream, false)) return ReflectApply(callback, stream, [prematureClose()]);
    if (writable && !writableFinished && !isWritableFinished(stream, false)) return ReflectApply(callback, stream, [prematureClose()]);
    return ReflectApply(callback, stream, []);
  };
  const onclosed = () => {
    closed = true;
    const errored = w?.errored ?? r?.errored;
    if (errored && typeof errored !== 'boolean') return ReflectApply(callback, stream, [errored]);
    return ReflectApply(callback, stream, []);
  };
  const onrequest = () => stream.req.on('finish', onfinish);
  if (isRequest(stream)) {
    stream.on('complete', onfinish);
    if (!emitsClose) stream.on('abort', onclose);
    if (stream.req) onrequest();
    else stream.on('request', onrequest);
  } else if (writable && !w) {
    stream.on('end', onlegacyfinish);
    stream.on('close', onlegacyfinish);
  }
  if (!emitsClose && typeof stream.aborted === 'boolean') stream.on('aborted', onclose);
  stream.on('end', onend);
  stream.on('finish', onfinish);
  if (options.error !== false) stream.on('error', onerror);
  stream.on('close', onclose);
  if (closed) nextTick(onclose);
  else if (w?.errorEmitted || r?.errorEmitted) {
    if (!emitsClose) nextTick(onclosed);
  } else if (!readable && (!emitsClose || isReadable(stream)) && (writableFinished || isWritable(stream) === false)) nextTick(onclosed);
  else if (!writable && (!emitsClose || isWritable(stream)) && (readableFinished || isReadable(stream) === false)) nextTick(onclosed);
  else if (r && stream.req && stream.aborted) nextTick(onclosed);

  const cleanup = () => {
    callback = nothing;
    stream.removeListener('aborted', onclose);
    stream.removeListener('complete', onfinish);
    stream.removeListener('abort', onclose);
    stream.removeListener('request', onrequest);
    if (stream.req) stream.req.removeListener('finish', onfinish);
    stream.removeListener('end', onlegacyfinish);
    stream.removeListener('close', onlegacyfinish);
    stream.removeListener('finish', onfinish);
    stream.removeListener('end', onend);
    stream.removeListener('error', onerror);
    stream.removeListener('close', onclose);
  };
  if (options.signal && !closed) {
    const { signal } = options;
    const abort = () => {
      const last = callback;
      cleanup();
      ReflectApply(last, stream, [new AbortError(undefined, { cause: signal.reason })]);
    };
    if (signal.aborted) {
      nextTick(abort);
    } else {
      const original = callback;
      signal.addEventListener('abort', abort);
      callback = function (...args) {
        signal.removeEventListener('abort', abort);
        ReflectApply(original, stream, args);
      };
    }
  }
  return cleanup;
}

function finishedWeb(stream, options, callback) {
  let isAborted = false;
  let abort = nothing;
  if (options.signal) {
    abort = () => {
      isAborted = true;
      ReflectApply(callback, stream, [new AbortError(undefined, { cause: options.signal.reason })]);
    };
    if (options.signal.aborted) nextTick(abort);
    else options.signal.addEventListener('abort', abort);
  }
  const resolved = (...args) => {
    if (!isAborted) nextTick(() => ReflectApply(callback, stream, args));
  };
  PromisePrototypeThen(lazy('./node/stream_adapters.js').closedOf(stream), () => resolved(), resolved);
  return nothing;
}

/** A promise of the stream's end. */
export function finishedPromise(stream, options = undefined) {
  let autoCleanup = false;
  if (options === null || options === undefined) options = {};
  else if (options.cleanup) autoCleanup = options.cleanup;
  return new Promise((resolve, reject) => {
    const cleanup = finished(stream, options, (error) => {
      if (autoCleanup) cleanup();
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Destroys the stream when the signal aborts. */
export function addAbortSignal(signal, stream) {
  if (typeof signal !== 'object' || signal === null || !('aborted' in signal)) throw invalidArgType('signal', 'AbortSignal', signal);
  if (!isNodeStream(stream) && !isWebStream(stream)) throw invalidArgType('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  const onAbort = isNodeStream(stream)
    ? () => stream.destroy(new AbortError(undefined, { cause: signal.reason }))
    : () => lazy('./node/stream_adapters.js').errorWebStream(stream, new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    onAbort();
  } else {
    signal.addEventListener('abort', onAbort);
    finished(stream, () => signal.removeEventListener('abort', onAbort));
  }
  return stream;
}
