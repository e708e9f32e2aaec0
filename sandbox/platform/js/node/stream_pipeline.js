// @ts-check
/** `stream.pipeline` (https://nodejs.org/docs/latest-v20.x/api/stream.html#streampipelinesource-transforms-destination-callback). */

import { lazy } from '../lazy.js';
import {
  ArrayIsArray, ArrayPrototypePop, ArrayPrototypePush, ArrayPrototypeShift, Promise, PromisePrototypeThen, ReflectApply,
} from '../primordials.js';
import { AbortError, invalidArgType, missingArgs } from './errors.js';
import { destroyer as destroyStream } from './stream_destroy.js';
import { invalidReturn, prematureClose, streamDestroyed } from './stream_errors.js';
import { finished } from './stream_finished.js';
import { isIterable, isNodeStream, isReadable, isReadableNodeStream, isReadableFinished, isReadableStream, isTransformStream, isWebStream } from './stream_state.js';
import { nextTick } from './ticks.js';
import { validateAbortSignal, validateFunction } from './validators.js';

function destroyerOf(stream, reading, writing) {
  let isFinished = false;
  stream.on('close', () => {
    isFinished = true;
  });
  const cleanup = finished(stream, { readable: reading, writable: writing }, (error) => {
    isFinished = !error;
  });
  return {
    destroy: (error) => {
      if (isFinished) return;
      isFinished = true;
      destroyStream(stream, error || streamDestroyed('pipe'));
    },
    cleanup,
  };
}

function toIterable(value) {
  if (isIterable(value)) return value;
  if (isReadableNodeStream(value)) return lazy('./node/stream_iterate.js').iterate(value, undefined);
  throw invalidArgType('val', ['Readable', 'Iterable', 'AsyncIterable'], value);
}

async function pumpToNode(iterable, writable, finish, { end }) {
  let error;
  let onresolve = null;
  const resume = (failure) => {
    if (failure) error = failure;
    if (onresolve) {
      const callback = onresolve;
      onresolve = null;
      callback();
    }
  };
  const wait = () =>
    new Promise((resolve, reject) => {
      if (error) reject(error);
      else {
        onresolve = () => {
          if (error) reject(error);
          else resolve();
        };
      }
    });
  writable.on('drain', resume);
  const cleanup = finished(writable, { readable: false }, resume);
  try {
    if (writable.writableNeedDrain) await wait();
    for await (const chunk of iterable) if (!writable.write(chunk)) await wait();
    if (end) {
      writable.end();
      await wait();
    }
    finish();
  } catch (failure) {
    finish(error !== failure ? (error ?? failure) : failure);
  } finally {
    cleanup();
    writable.off('drain', resume);
  }
}

async function pumpToWeb(readable, writable, finish, { end }) {
  if (isTransformStream(writable)) writable = writable.writable;
  const writer = writable.getWriter();
  try {
    for await (const chunk of readable) {
      await writer.ready;
      PromisePrototypeThen(writer.write(chunk), undefined, () => {});
    }
    await writer.ready;
    if (end) await writer.close();
    finish();
  } catch (error) {
    try {
      await writer.abort(error);
      finish(error);
    } catch (failure) {
      finish(failure);
    }
  }
}

export function pipeline(...streams) {
  const callback = ArrayPrototypePop(streams);
  validateFunction(callback, 'streams[stream.length - 1]');
  let called = false;
  return pipelineImpl(streams, (...args) => {
    if (called) return;
    called = true;
    ReflectApply(callback, undefined, args);
  });
}

export function pipelineImpl(streams, callback, options = undefined) {
  if (streams.length === 1 && ArrayIsArray(streams[0])) streams = streams[0];
  if (streams.length < 2) throw missingArgs('streams');
  const controller = new (lazy('./abort.js').AbortController)();
  const { signal } = controller;
  const outer = options?.signal;
  const lastCleanups = [];
  validateAbortSignal(outer, 'options.signal');
  const abort = () => finishImpl(new AbortError());
  if (outer) outer.addEventListener('abort', abort);
  let error;
  let value;
  const destroys = [];
  let finishCount = 0;

  const finish = (failure) => finishImpl(failure, --finishCount === 0);
  function finishImpl(failure, final = false) {
    if (failure && (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE')) error = failure;
    if (!error && !final) return;
    while (destroys.length > 0) ArrayPrototypeShift(destroys)(error);
    if (outer) outer.removeEventListener('abort', abort);
    controller.abort();
    if (!final) return;
    if (!error) for (let i = 0; i < lastCleanups.length; i++) lastCleanups[i]();
    nextTick(callback, error, value);
  }

  let result;
  for (let i = 0; i < streams.length; i++) {
    const stream = streams[i];
    const reading = i < streams.length - 1;
    const writing = i > 0;
    const end = reading || options?.end !== false;
    const isLast = i === streams.length - 1;
    if (isNodeStream(stream)) {
      if (end) {
        const { destroy, cleanup } = destroyerOf(stream, reading, writing);
        ArrayPrototypePush(destroys, destroy);
        if (isReadable(stream) && isLast) ArrayPrototypePush(lastCleanups, cleanup);
      }
      // Errors after the end have nobody else to tell.
      const onError = (failure) => {
        if (failure && failure.name !== 'AbortError' && failure.code !== 'ERR_STREAM_PREMATURE_CLOSE') finishImpl(failure);
      };
      stream.on('error', onError);
      if (isReadable(stream) && isLast) ArrayPrototypePush(lastCleanups, () => stream.removeListener('error', onError));
    }
    if (i === 0) {
      if (typeof stream === 'function') {
        result = stream({ signal });
        if (!isIterable(result)) throw invalidReturn('Iterable, AsyncIterable or Stream', 'source', result);
      } else if (isIterable(stream) || isReadableNodeStream(stream) || isTransformStream(stream)) {
        result = stream;
      } else {
        result = lazy('./node/stream_compose.js').duplexify(stream, 'source');
      }
    } else if (typeof stream === 'function') {
      result = isTransformStream(result) ? toIterable(result.readable) : toIterable(result);
      result = stream(result, { signal });
      if (reading) {
        if (!isIterable(result, true)) throw invalidReturn('AsyncIterable', `transform[${i - 1}]`, result);
      } else {
        // What the last function gives is the result of all.
        const { PassThrough } = lazy('./node/stream_duplex.js');
        const pass = new PassThrough({ objectMode: true });
        const then = result?.then;
        if (typeof then === 'function') {
          finishCount++;
          ReflectApply(then, result, [
            (resolved) => {
              value = resolved;
              if (resolved !== null && resolved !== undefined) pass.write(resolved);
              if (end) pass.end();
              nextTick(finish);
            },
            (failure) => {
              pass.destroy(failure);
              nextTick(finish, failure);
            },
          ]);
        } else if (isIterable(result, true)) {
          finishCount++;
          pumpToNode(result, pass, finish, { end });
        } else if (isReadableStream(result) || isTransformStream(result)) {
          finishCount++;
          pumpToNode(result.readable || result, pass, finish, { end });
        } else {
          throw invalidReturn('AsyncIterable or Promise', 'destination', result);
        }
        result = pass;
        const { destroy, cleanup } = destroyerOf(result, false, true);
        ArrayPrototypePush(destroys, destroy);
        if (isLast) ArrayPrototypePush(lastCleanups, cleanup);
      }
    } else if (isNodeStream(stream)) {
      if (isReadableNodeStream(result)) {
        finishCount += 2;
        const cleanup = pipe(result, stream, finish, finishImpl, { end });
        if (isReadable(stream) && isLast) ArrayPrototypePush(lastCleanups, cleanup);
      } else if (isTransformStream(result) || isReadableStream(result)) {
        finishCount++;
        pumpToNode(result.readable || result, stream, finish, { end });
      } else if (isIterable(result)) {
        finishCount++;
        pumpToNode(result, stream, finish, { end });
      } else {
        throw invalidArgType('val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], result);
      }
      result = stream;
    } else if (isWebStream(stream)) {
      finishCount++;
      const source = isReadableNodeStream(result) ? toIterable(result) : isTransformStream(result) ? toIterable(result.readable) : result;
      if (!isIterable(source) && !isReadableStream(source)) throw invalidArgType('val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], result);
      pumpToWeb(source, stream, finish, { end });
      result = stream;
    } else {
      result = lazy('./node/stream_compose.js').duplexify(stream, 'stream');
    }
  }
  if (signal.aborted || outer?.aborted) nextTick(abort);
  return result;
}

function pipe(source, target, finish, finishOnlyHandleError, { end }) {
  let ended = false;
  target.on('close', () => {
    if (!ended) finishOnlyHandleError(prematureClose());
  });
  source.pipe(target, { end: false });
  if (end) {
    const endTarget = () => {
      ended = true;
      target.end();
    };
    if (isReadableFinished(source)) nextTick(endTarget);
    else source.once('end', endTarget);
  } else {
    finish();
  }
  finished(source, { readable: true, writable: false }, (error) => {
    const r = source._readableState;
    if (error && error.code === 'ERR_STREAM_PREMATURE_CLOSE' && r && r.ended && !r.errored && !r.errorEmitted) {
      // It was all read; that it was destroyed after that is no failure.
      source.once('end', finish).once('error', finish);
    } else {
      finish(error);
    }
  });
  return finished(target, { readable: false, writable: true }, finish);
}

/** `pipeline` of `node:stream/promises`. */
export function pipelinePromise(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    const last = streams[streams.length - 1];
    if (last && typeof last === 'object' && !isNodeStream(last) && !isIterable(last) && !isWebStream(last)) {
      const options = ArrayPrototypePop(streams);
      signal = options.signal;
      end = options.end;
    }
    pipelineImpl(
      streams,
      (error, value) => {
        if (error) reject(error);
        else resolve(value);
      },
      { signal, end },
    );
  });
}

