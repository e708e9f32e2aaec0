// @ts-check
/** Readable streams as async iterators, and async iterables as streams (https://nodejs.org/docs/latest-v20.x/api/stream.html#readablesymbolasynciterator). */

import { Promise, PromisePrototypeThen, SymbolAsyncIterator, SymbolIterator } from '../primordials.js';
import { Buffer } from './buffer_class.js';
import { invalidArgType } from './errors.js';
import { destroyer } from './stream_destroy.js';
import { nullValues } from './stream_errors.js';
import { finished } from './stream_finished.js';
import { Readable } from './stream_readable.js';
import { nextTick } from './ticks.js';
import { validateBoolean, validateObject } from './validators.js';

/** An async iterator of the chunks; leaving it destroys the stream unless `destroyOnReturn` is false. */
export function iterate(stream, options) {
  if (options !== undefined) validateObject(options, 'options');
  if (options?.destroyOnReturn !== undefined) validateBoolean(options.destroyOnReturn, 'options.destroyOnReturn');
  if (typeof stream.read !== 'function') stream = new Readable({ objectMode: true }).wrap(stream);
  const iterator = chunksOf(stream, options);
  iterator.stream = stream;
  return iterator;
}

async function* chunksOf(stream, options) {
  let wake = () => {};
  function next(resolve) {
    if (this === stream) {
      wake();
      wake = () => {};
    } else {
      wake = resolve;
    }
  }
  stream.on('readable', next);
  /** undefined: goes on; null: is over. */
  let error;
  const cleanup = finished(stream, { writable: false }, (failure) => {
    error = failure ? aggregate(error, failure) : null;
    wake();
    wake = () => {};
  });
  try {
    for (;;) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) yield chunk;
      else if (error) throw error;
      else if (error === null) return;
      else await new Promise(next);
    }
  } catch (failure) {
    error = aggregate(error, failure);
    throw error;
  } finally {
    if ((error || options?.destroyOnReturn !== false) && (error === undefined || stream._readableState.autoDestroy)) {
      destroyer(stream, null);
    } else {
      stream.removeListener('readable', next);
      cleanup();
    }
  }
}

const aggregate = (inner, outer) => inner ?? outer;

/** `Readable.from`. */
export function from(StreamClass, iterable, options) {
  if (typeof iterable === 'string' || iterable instanceof Buffer) {
    return new StreamClass({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  let iterator;
  let isAsync;
  if (iterable && iterable[SymbolAsyncIterator]) {
    isAsync = true;
    iterator = iterable[SymbolAsyncIterator]();
  } else if (iterable && iterable[SymbolIterator]) {
    isAsync = false;
    iterator = iterable[SymbolIterator]();
  } else {
    throw invalidArgType('iterable', ['Iterable'], iterable);
  }
  const readable = new StreamClass({ objectMode: true, highWaterMark: 1, ...options });
  let reading = false;
  readable._read = function () {
    if (reading) return;
    reading = true;
    next();
  };
  readable._destroy = function (error, callback) {
    PromisePrototypeThen(
      close(error),
      () => nextTick(callback, error),
      (failure) => nextTick(callback, failure || error),
    );
  };
  async function close(error) {
    const failed = error !== undefined && error !== null;
    if (failed && typeof iterator.throw === 'function') {
      const { value, done } = await iterator.throw(error);
      await value;
      if (done) return;
    }
    if (typeof iterator.return === 'function') {
      const { value } = await iterator.return();
      await value;
    }
  }
  async function next() {
    for (;;) {
      try {
        const { value, done } = isAsync ? await iterator.next() : iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        const chunk = value && typeof value.then === 'function' ? await value : value;
        if (chunk === null) {
          reading = false;
          throw nullValues();
        }
        if (readable.push(chunk)) continue;
        reading = false;
      } catch (error) {
        readable.destroy(error);
      }
      return;
    }
  }
  return readable;
}

