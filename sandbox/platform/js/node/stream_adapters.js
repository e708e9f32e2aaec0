// @ts-check
/** Between Node's streams and the web's (https://nodejs.org/docs/latest-v20.x/api/stream.html#streamreadablefromwebreadablestream-options). */

import { lazy } from '../lazy.js';
import { Promise, PromisePrototypeThen, PromiseResolve } from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { isUint8Array } from './buffer_class.js';
import { AbortError, invalidArgType } from './errors.js';
import { destroyer } from './stream_destroy.js';
import { Duplex } from './stream_duplex.js';
import { finished } from './stream_finished.js';
import { Readable } from './stream_readable.js';
import { isDestroyed, isReadable, isReadableNodeStream, isReadableStream, isWritable, isWritableEnded, isWritableNodeStream, isWritableStream } from './stream_state.js';
import { Writable } from './stream_writable.js';
import { nextTick } from './ticks.js';

const web = () => lazy('./streams/index.js');

/** A promise of a web stream's end, whoever has it locked. */
export function closedOf(stream) {
  if (isReadableStream(stream)) return web().readableClosed?.(stream) ?? readerClosed(stream);
  return web().writableClosed?.(stream) ?? writerClosed(stream);
}

function readerClosed(stream) {
  if (stream.locked) return new Promise(() => {});
  const reader = stream.getReader();
  const { closed } = reader;
  PromisePrototypeThen(closed, undefined, () => {});
  reader.releaseLock();
  return new Promise(() => {});
}

function writerClosed(stream) {
  if (stream.locked) return new Promise(() => {});
  const writer = stream.getWriter();
  const { closed } = writer;
  PromisePrototypeThen(closed, undefined, () => {});
  return closed;
}

export function errorWebStream(stream, error) {
  if (isReadableStream(stream)) PromisePrototypeThen(stream.cancel(error), undefined, () => {});
  else PromisePrototypeThen(stream.abort(error), undefined, () => {});
}

// From the web.

export function readableFromWeb(stream, options = {}) {
  if (!isReadableStream(stream)) throw invalidArgType('readableStream', 'ReadableStream', stream);
  const { highWaterMark, encoding, objectMode = false, signal } = options;
  const reader = stream.getReader();
  let closed = false;
  const readable = new Readable({
    objectMode,
    highWaterMark,
    encoding,
    signal,
    read() {
      PromisePrototypeThen(
        reader.read(),
        (chunk) => {
          if (chunk.done) readable.push(null);
          else readable.push(chunk.value);
        },
        (error) => destroyer(readable, error),
      );
    },
    destroy(error, callback) {
      const done = () => nextTick(() => callback(error));
      if (closed) done();
      else PromisePrototypeThen(reader.cancel(error), done, done);
    },
  });
  PromisePrototypeThen(
    reader.closed,
    () => {
      closed = true;
    },
    (error) => {
      closed = true;
      destroyer(readable, error);
    },
  );
  return readable;
}

function writeSteps(writer, closing) {
  return {
    writev(chunks, callback) {
      const done = (error) => nextTick(() => callback(error));
      PromisePrototypeThen(
        writer.ready,
        () => {
          let last = PromiseResolve();
          for (let i = 0; i < chunks.length; i++) last = allOf(last, writer.write(chunks[i].chunk));
          PromisePrototypeThen(last, () => done(), done);
        },
        done,
      );
    },
    write(chunk, _encoding, callback) {
      const done = (error) => nextTick(() => callback(error));
      PromisePrototypeThen(writer.ready, () => PromisePrototypeThen(writer.write(chunk), () => done(), done), done);
    },
    final(callback) {
      const done = (error) => nextTick(() => callback(error));
      if (closing.closed) done();
      else PromisePrototypeThen(writer.close(), () => done(), done);
    },
  };
}

function allOf(first, second) {
  return PromisePrototypeThen(first, () => second, (error) => {
    PromisePrototypeThen(second, undefined, () => {});
    throw error;
  });
}

export function writableFromWeb(stream, options = {}) {
  if (!isWritableStream(stream)) throw invalidArgType('writableStream', 'WritableStream', stream);
  const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
  const writer = stream.getWriter();
  const closing = { closed: false };
  const writable = new Writable({
    highWaterMark,
    objectMode,
    decodeStrings,
    signal,
    ...writeSteps(writer, closing),
    destroy(error, callback) {
      const done = () => nextTick(() => callback(error));
      if (closing.closed) done();
      else if (error !== null && error !== undefined) PromisePrototypeThen(writer.abort(error), done, done);
      else PromisePrototypeThen(writer.close(), done, done);
    },
  });
  watchWriter(writer, closing, writable);
  return writable;
}

function watchWriter(writer, closing, stream) {
  PromisePrototypeThen(
    writer.closed,
    () => {
      closing.closed = true;
      if (!isWritableEnded(stream)) destroyer(stream, new AbortError());
    },
    (error) => {
      closing.closed = true;
      destroyer(stream, error);
    },
  );
}

export function duplexFromWeb(pair, options = {}) {
  const { readable: readableStream, writable: writableStream } = pair ?? {};
  if (!isReadableStream(readableStream)) throw invalidArgType('pair.readable', 'ReadableStream', readableStream);
  if (!isWritableStream(writableStream)) throw invalidArgType('pair.writable', 'WritableStream', writableStream);
  const { allowHalfOpen = false, objectMode = false, encoding, decodeStrings = true, highWaterMark, signal } = options;
  const writer = writableStream.getWriter();
  const reader = readableStream.getReader();
  const closing = { closed: false };
  let readableClosed = false;
  const duplex = new Duplex({
    allowHalfOpen,
    highWaterMark,
    objectMode,
    encoding,
    decodeStrings,
    signal,
    ...writeSteps(writer, closing),
    read() {
      PromisePrototypeThen(
        reader.read(),
        (chunk) => {
          if (chunk.done) duplex.push(null);
          else duplex.push(chunk.value);
        },
        (error) => destroyer(duplex, error),
      );
    },
    destroy(error, callback) {
      const done = () => nextTick(() => callback(error));
      const stop = () => (readableClosed ? done() : PromisePrototypeThen(reader.cancel(error), done, done));
      if (closing.closed) stop();
      else PromisePrototypeThen(writer.abort(error), stop, stop);
    },
  });
  PromisePrototypeThen(
    writer.closed,
    () => {
      closing.closed = true;
      if (!isWritableEnded(duplex)) destroyer(duplex, new AbortError());
    },
    (error) => {
      closing.closed = true;
      readableClosed = true;
      destroyer(duplex, error);
    },
  );
  PromisePrototypeThen(
    reader.closed,
    () => {
      readableClosed = true;
    },
    (error) => {
      closing.closed = true;
      readableClosed = true;
      destroyer(duplex, error);
    },
  );
  return duplex;
}

// To the web.

export function readableToWeb(stream, options = {}) {
  if (!isReadableNodeStream(stream)) throw invalidArgType('streamReadable', 'stream.Readable', stream);
  const { ReadableStream, CountQueuingStrategy, ByteLengthQueuingStrategy } = web();
  if (isDestroyed(stream) || !isReadable(stream)) {
    const empty = new ReadableStream();
    PromisePrototypeThen(empty.cancel(), undefined, () => {});
    return empty;
  }
  const objectMode = stream.readableObjectMode;
  const highWaterMark = stream.readableHighWaterMark;
  const strategy = options?.strategy ?? (objectMode ? new CountQueuingStrategy({ highWaterMark }) : new ByteLengthQueuingStrategy({ highWaterMark }));
  let controller;
  let wasCanceled = false;
  const ondata = (chunk) => {
    // A chunk must be the reader's own: it may be transferred.
    if (isUint8Array(chunk) && !objectMode) chunk = new Uint8Array(chunk);
    controller.enqueue(chunk);
    if (controller.desiredSize <= 0) stream.pause();
  };
  stream.pause();
  const cleanup = finished(stream, (error) => {
    if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE') error = new AbortError(undefined, { cause: error });
    cleanup();
    stream.on('error', () => {});
    if (error) controller.error(error);
    else if (!wasCanceled) controller.close();
  });
  stream.on('data', ondata);
  return new ReadableStream(
    {
      start(c) {
        controller = c;
      },
      pull() {
        stream.resume();
      },
      cancel(reason) {
        wasCanceled = true;
        destroyer(stream, reason);
      },
    },
    strategy,
  );
}

export function writableToWeb(stream) {
  if (!isWritableNodeStream(stream)) throw invalidArgType('streamWritable', 'stream.Writable', stream);
  const { WritableStream, CountQueuingStrategy } = web();
  if (isDestroyed(stream) || !isWritable(stream)) {
    const ended = new WritableStream();
    PromisePrototypeThen(ended.close(), undefined, () => {});
    return ended;
  }
  const highWaterMark = stream.writableHighWaterMark;
  const strategy = stream.writableObjectMode ? new CountQueuingStrategy({ highWaterMark }) : { highWaterMark };
  let controller;
  let backpressure;
  let closed;
  const settle = (waiting, error) => {
    if (error !== undefined) waiting.reject(error);
    else waiting.resolve();
  };
  const cleanup = finished(stream, (error) => {
    if (error?.code === 'ERR_STREAM_PREMATURE_CLOSE') error = new AbortError(undefined, { cause: error });
    cleanup();
    stream.on('error', () => {});
    if (error !== undefined && error !== null) {
      if (backpressure !== undefined) backpressure.reject(error);
      if (closed !== undefined) settle(closed, error);
      closed = undefined;
      controller.error(error);
      controller = undefined;
      return;
    }
    if (closed !== undefined) {
      settle(closed);
      closed = undefined;
      return;
    }
    controller.error(new AbortError());
    controller = undefined;
  });
  stream.on('drain', () => {
    if (backpressure !== undefined) backpressure.resolve();
  });
  const withResolvers = () => {
    const waiting = {};
    waiting.promise = new Promise((resolve, reject) => {
      waiting.resolve = resolve;
      waiting.reject = reject;
    });
    return waiting;
  };
  return new WritableStream(
    {
      start(c) {
        controller = c;
      },
      write(chunk) {
        if (stream.writableNeedDrain || !stream.write(chunk)) {
          backpressure = withResolvers();
          return PromisePrototypeThen(backpressure.promise, () => {
            backpressure = undefined;
          });
        }
        return undefined;
      },
      abort(reason) {
        destroyer(stream, reason);
      },
      close() {
        if (closed === undefined && !isWritableEnded(stream)) stream.end();
        closed = withResolvers();
        return closed.promise;
      },
    },
    strategy,
  );
}

export function duplexToWeb(duplex) {
  if (typeof duplex?._writableState !== 'object' || typeof duplex._readableState !== 'object') throw invalidArgType('duplex', 'stream.Duplex', duplex);
  return { readable: readableToWeb(duplex), writable: writableToWeb(duplex) };
}
