// @ts-check
/** `stream.compose` and `Duplex.from` (https://nodejs.org/docs/latest-v20.x/api/stream.html#streamcomposestreams). */

import { lazy } from '../lazy.js';
import { ArrayPrototypeSlice, PromisePrototypeThen, PromiseResolve, PromiseWithResolvers, ReflectApply } from '../primordials.js';
import { AbortError, invalidArgType, invalidArgValue, missingArgs } from './errors.js';
import { destroyer } from './stream_destroy.js';
import { Duplex } from './stream_duplex.js';
import { invalidReturn } from './stream_errors.js';
import { finished } from './stream_finished.js';
import { from } from './stream_iterate.js';
import { pipeline } from './stream_pipeline.js';
import { Readable } from './stream_readable.js';
import {
  isDuplexNodeStream, isIterable, isNodeStream, isReadable, isReadableNodeStream, isReadableStream, isTransformStream, isWebStream, isWritable, isWritableNodeStream, isWritableStream,
} from './stream_state.js';
import { nextTick } from './ticks.js';

/** All streams as one: what is written goes into the first, what is read comes from the last. */
export function compose(...streams) {
  if (streams.length === 0) throw missingArgs('streams');
  if (streams.length === 1) return duplexify(streams[0], 'streams[0]');
  const original = ArrayPrototypeSlice(streams);
  if (typeof streams[0] === 'function') streams[0] = duplexify(streams[0], 'streams[0]');
  const lastIndex = streams.length - 1;
  if (typeof streams[lastIndex] === 'function') streams[lastIndex] = duplexify(streams[lastIndex], `streams[${lastIndex}]`);
  for (let n = 0; n < streams.length; ++n) {
    if (!isNodeStream(streams[n]) && !isWebStream(streams[n])) continue;
    if (n < lastIndex && !(isReadable(streams[n]) || isReadableStream(streams[n]) || isTransformStream(streams[n]))) {
      throw invalidArgValue(`streams[${n}]`, original[n], 'must be readable');
    }
    if (n > 0 && !(isWritable(streams[n]) || isWritableStream(streams[n]) || isTransformStream(streams[n]))) {
      throw invalidArgValue(`streams[${n}]`, original[n], 'must be writable');
    }
  }
  const { duplexFromWeb } = lazy('./node/stream_adapters.js');
  const head = isWebStream(streams[0]) && isTransformStream(streams[0]) ? (streams[0] = duplexFromWeb(streams[0])) : streams[0];
  const tail = lastIndex > 0 && isTransformStream(streams[lastIndex]) ? (streams[lastIndex] = duplexFromWeb(streams[lastIndex])) : streams[lastIndex];

  let d;
  const waiting = createWaiting();
  const onfinished = (error) => {
    const callback = waiting.close;
    waiting.close = null;
    if (callback) callback(error);
    else if (error) d.destroy(error);
    else if (!readable && !writable) d.destroy();
  };
  const writable = !!(isWritable(head) || isWritableStream(head));
  const readable = !!(isReadable(tail) || isReadableStream(tail));
  ReflectApply(pipeline, undefined, [...streams, onfinished]);
  d = new Duplex({ writableObjectMode: !!head?.writableObjectMode, readableObjectMode: !!tail?.readableObjectMode, writable, readable });
  if (writable) {
    writeInto(d, head, waiting);
    finished(tail, () => proceed(waiting, 'finish'));
  }
  if (readable) readFrom(d, tail, waiting);
  d._destroy = (error, callback) => {
    if (!error && waiting.close !== null) error = new AbortError();
    forgetWaiting(waiting);
    if (isNodeStream(tail)) destroyer(tail, error);
    if (waiting.close === null) callback(error);
    else waiting.close = callback;
  };
  return d;
}

/** The callbacks of a Duplex that wait for the streams that it stands for. `close` is null once these have ended. */
const createWaiting = () => ({ __proto__: null, drain: null, finish: null, readable: null, close: undefined });

function proceed(waiting, what) {
  const callback = waiting[what];
  waiting[what] = null;
  callback?.();
}

function forgetWaiting(waiting) {
  waiting.readable = null;
  waiting.drain = null;
  waiting.finish = null;
}

/** What is written to `d` goes into `w`. */
function writeInto(d, w, waiting) {
  d._write = (chunk, encoding, callback) => {
    if (w.write(chunk, encoding)) callback();
    else waiting.drain = callback;
  };
  d._final = (callback) => {
    w.end();
    waiting.finish = callback;
  };
  w.on('drain', () => proceed(waiting, 'drain'));
}

/** What is read from `d` comes from `r`. */
function readFrom(d, r, waiting) {
  r.on('readable', () => proceed(waiting, 'readable'));
  r.on('end', () => d.push(null));
  d._read = () => {
    for (;;) {
      const chunk = r.read();
      if (chunk === null) {
        waiting.readable = d._read;
        return;
      }
      if (!d.push(chunk)) return;
    }
  };
}

/** A Duplex of whatever may be one or half of one. */
export function duplexify(body, name) {
  if (isDuplexNodeStream(body)) return body;
  if (isReadableNodeStream(body)) return joined({ readable: body });
  if (isWritableNodeStream(body)) return joined({ writable: body });
  if (isNodeStream(body)) return joined({ writable: false, readable: false });
  const { readableFromWeb, writableFromWeb } = lazy('./node/stream_adapters.js');
  if (isReadableStream(body)) return joined({ readable: readableFromWeb(body) });
  if (isWritableStream(body)) return joined({ writable: writableFromWeb(body) });
  if (typeof body === 'function') return ofFunction(body, name);
  if (lazy('./blob.js').isBlob(body)) return duplexify(body.arrayBuffer(), name);
  if (isIterable(body)) return from(Duplex, body, { objectMode: true, writable: false });
  if (isReadableStream(body?.readable) && isWritableStream(body?.writable)) return lazy('./node/stream_adapters.js').duplexFromWeb(body);
  if (typeof body?.writable === 'object' || typeof body?.readable === 'object') {
    const readable = body?.readable ? (isReadableNodeStream(body.readable) ? body.readable : duplexify(body.readable, name)) : undefined;
    const writable = body?.writable ? (isWritableNodeStream(body.writable) ? body.writable : duplexify(body.writable, name)) : undefined;
    return joined({ readable, writable });
  }
  if (typeof body?.then === 'function') return ofPromise(body);
  throw invalidArgType(
    name,
    ['Blob', 'ReadableStream', 'WritableStream', 'Stream', 'Iterable', 'AsyncIterable', 'Function', '{ readable, writable } pair', 'Promise'],
    body,
  );
}

function ofPromise(body) {
  const d = new Duplex({ objectMode: true, writable: false, read() {} });
  PromisePrototypeThen(
    PromiseResolve(body),
    (value) => {
      if (value !== null && value !== undefined) d.push(value);
      d.push(null);
    },
    (error) => destroyer(d, error),
  );
  return d;
}

function ofFunction(body, name) {
  const { value, write, final, destroy } = fromAsyncGenerator(body);
  if (isDuplexNodeStream(value)) return value;
  if (isIterable(value)) return from(Duplex, value, { objectMode: true, write, final, destroy });
  const then = value?.then;
  if (typeof then === 'function') {
    let d;
    const promise = ReflectApply(then, value, [
      (result) => {
        if (result !== null && result !== undefined) throw invalidReturn('nully', 'body', result);
      },
      (error) => destroyer(d, error),
    ]);
    d = new Duplex({
      objectMode: true,
      readable: false,
      write,
      final(callback) {
        final(async () => {
          try {
            await promise;
            nextTick(callback, null);
          } catch (error) {
            nextTick(callback, error);
          }
        });
      },
      destroy,
    });
    return d;
  }
  throw invalidReturn('Iterable, AsyncIterable or AsyncFunction', name, value);
}

/** Calls `body` with an async iterator of what is written. */
function fromAsyncGenerator(body) {
  let { promise, resolve } = PromiseWithResolvers();
  const controller = new (lazy('./abort.js').AbortController)();
  const { signal } = controller;
  const value = body(
    (async function* () {
      for (;;) {
        const { chunk, done, callback } = await promise;
        nextTick(callback);
        if (done) return;
        if (signal.aborted) throw new AbortError(undefined, { cause: signal.reason });
        ({ promise, resolve } = PromiseWithResolvers());
        yield chunk;
      }
    })(),
    { signal },
  );
  return {
    value,
    write(chunk, _encoding, callback) {
      resolve({ chunk, done: false, callback });
    },
    final(callback) {
      resolve({ done: true, callback });
    },
    destroy(error, callback) {
      controller.abort();
      callback(error);
    },
  };
}

/** A readable and a writable as one. */
function joined(pair) {
  const r = pair.readable && typeof pair.readable.read !== 'function' ? new Readable().wrap(pair.readable) : pair.readable;
  const w = pair.writable;
  const readable = !!isReadable(r);
  const writable = !!isWritable(w);
  const waiting = createWaiting();
  const d = new Duplex({
    readableObjectMode: !!r?.readableObjectMode,
    writableObjectMode: !!w?.writableObjectMode,
    readable,
    writable,
  });
  const onfinished = (error) => {
    if (error) destroyer(r, error);
    const callback = waiting.close;
    waiting.close = null;
    if (callback) callback(error);
    else if (error) d.destroy(error);
  };
  if (writable) {
    finished(w, onfinished);
    writeInto(d, w, waiting);
    w.on('finish', () => proceed(waiting, 'finish'));
  }
  if (readable) {
    finished(r, onfinished);
    readFrom(d, r, waiting);
  }
  d._destroy = (error, callback) => {
    if (!error && waiting.close !== null) error = new AbortError();
    forgetWaiting(waiting);
    if (waiting.close === null) {
      callback(error);
    } else {
      waiting.close = callback;
      if (w) destroyer(w, error);
      if (r) destroyer(r, error);
    }
  };
  return d;
}
