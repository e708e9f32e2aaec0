// @ts-check
/** `stream.Readable` (https://nodejs.org/docs/latest-v20.x/api/stream.html#class-streamreadable). */

import { lazy } from '../lazy.js';
import {
  ArrayPrototypePush, ArrayPrototypeShift, ArrayPrototypeUnshift, NumberIsInteger, NumberIsNaN, NumberParseInt, ObjectDefineProperties,
  ObjectSetPrototypeOf, ReflectApply, StringPrototypeSlice, SymbolAsyncIterator, SymbolFor,
} from '../primordials.js';
import { ArrayBufferIsView } from '../primordials/buffers.js';
import { Set } from '../primordials/collections.js';
import { Buffer } from './buffer_class.js';
import { invalidArgType, outOfRange } from './errors.js';
import { construct, destroy, errorOrDestroy, undestroy } from './stream_destroy.js';
import { methodNotImplemented, pushAfterEof, unshiftAfterEnd } from './stream_errors.js';
import { Stream } from './stream_legacy.js';
import { pipe, unpipe, wrap } from './stream_pipe.js';
import { highWaterMarkOf } from './stream_state.js';
import { nextTick } from './ticks.js';

export class ReadableState {
  constructor(options, isDuplex) {
    this.objectMode = !!options?.objectMode || (isDuplex && !!options?.readableObjectMode);
    this.highWaterMark = highWaterMarkOf(this, options, 'readableHighWaterMark', isDuplex);
    this.buffer = [];
    this.length = 0;
    this.pipes = [];
    this.flowing = null;
    this.ended = false;
    this.endEmitted = false;
    this.reading = false;
    this.constructed = true;
    /** Whether `_read` is being called: what it pushes must not be emitted under it. */
    this.sync = true;
    this.needReadable = false;
    this.emittedReadable = false;
    this.readableListening = false;
    this.resumeScheduled = false;
    /** Whether `pause` was called by the author; null before either was. */
    this.paused = null;
    this.errorEmitted = false;
    this.emitClose = !options || options.emitClose !== false;
    this.autoDestroy = !options || options.autoDestroy !== false;
    this.destroyed = false;
    this.errored = null;
    this.closed = false;
    this.closeEmitted = false;
    this.defaultEncoding = options?.defaultEncoding || 'utf8';
    this.awaitDrainWriters = null;
    this.multiAwaitDrain = false;
    this.readingMore = false;
    this.dataEmitted = false;
    this.decoder = null;
    this.encoding = null;
    if (options?.encoding) useEncoding(this, options.encoding);
  }
}

function useEncoding(state, encoding) {
  const { StringDecoder } = lazy('./node/string_decoder.js');
  state.decoder = new StringDecoder(encoding);
  state.encoding = state.decoder.encoding;
}

/** @type {any} */
export function Readable(options = undefined) {
  if (!(this instanceof Readable)) return new Readable(options);
  initReadable(this, options, false);
}
ObjectSetPrototypeOf(Readable.prototype, Stream.prototype);
ObjectSetPrototypeOf(Readable, Stream);

/** What the constructors of readable streams do. */
export function initReadable(stream, options, isDuplex) {
  stream._readableState = new ReadableState(options, isDuplex);
  if (options && !isDuplex) {
    if (typeof options.read === 'function') stream._read = options.read;
    if (typeof options.destroy === 'function') stream._destroy = options.destroy;
    if (typeof options.construct === 'function') stream._construct = options.construct;
  }
  if (isDuplex) return;
  ReflectApply(Stream, stream, [options]);
  if (options?.signal) lazy('./node/stream_finished.js').addAbortSignal(options.signal, stream);
  construct(stream, () => readMoreIfNeeded(stream));
}

/** The stream is constructed. */
export function readMoreIfNeeded(stream) {
  const state = stream._readableState;
  if (state.needReadable) maybeReadMore(stream, state);
}

const { prototype } = Readable;
prototype.destroy = destroy;
prototype._undestroy = undestroy;
prototype._destroy = function _destroy(error, callback) {
  callback(error);
};
prototype._read = function _read(_size) {
  throw methodNotImplemented('_read()');
};
prototype[SymbolFor('nodejs.rejection')] = function captureRejection(error) {
  this.destroy(error);
};

// Pushing.

prototype.push = function push(chunk, encoding) {
  return addChunkToReadable(this, chunk, encoding, false);
};

prototype.unshift = function unshift(chunk, encoding) {
  return addChunkToReadable(this, chunk, encoding, true);
};

function addChunkToReadable(stream, chunk, encoding, toFront) {
  const state = stream._readableState;
  if (!state.objectMode) {
    if (typeof chunk === 'string') {
      encoding = encoding || state.defaultEncoding;
      if (state.encoding !== encoding) {
        if (toFront && state.encoding) {
          chunk = Buffer.from(chunk, encoding).toString(state.encoding);
        } else {
          chunk = Buffer.from(chunk, encoding);
          encoding = '';
        }
      }
    } else if (chunk instanceof Buffer) {
      encoding = '';
    } else if (ArrayBufferIsView(chunk)) {
      chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      encoding = '';
    } else if (chunk !== null && chunk !== undefined) {
      errorOrDestroy(stream, invalidArgType('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
      return false;
    }
  }
  if (chunk === null) {
    state.reading = false;
    onEof(stream, state);
  } else if (state.objectMode || (chunk && chunk.length > 0)) {
    if (toFront) {
      if (state.endEmitted) errorOrDestroy(stream, unshiftAfterEnd());
      else if (state.destroyed || state.errored) return false;
      else addChunk(stream, state, chunk, true);
    } else if (state.ended) {
      errorOrDestroy(stream, pushAfterEof());
    } else if (state.destroyed || state.errored) {
      return false;
    } else {
      state.reading = false;
      if (state.decoder && !encoding) {
        chunk = state.decoder.write(chunk);
        if (state.objectMode || chunk.length !== 0) addChunk(stream, state, chunk, false);
        else maybeReadMore(stream, state);
      } else {
        addChunk(stream, state, chunk, false);
      }
    }
  } else if (!toFront) {
    state.reading = false;
    maybeReadMore(stream, state);
  }
  return !state.ended && (state.length < state.highWaterMark || state.length === 0);
}

function addChunk(stream, state, chunk, toFront) {
  if (state.flowing && state.length === 0 && !state.sync && stream.listenerCount('data') > 0) {
    forgetDrains(state);
    state.dataEmitted = true;
    stream.emit('data', chunk);
  } else {
    state.length += state.objectMode ? 1 : chunk.length;
    if (toFront) ArrayPrototypeUnshift(state.buffer, chunk);
    else ArrayPrototypePush(state.buffer, chunk);
    if (state.needReadable) emitReadable(stream);
  }
  maybeReadMore(stream, state);
}

function forgetDrains(state) {
  if (state.multiAwaitDrain) state.awaitDrainWriters = new Set();
  else state.awaitDrainWriters = null;
}

function onEof(stream, state) {
  if (state.ended) return;
  if (state.decoder) {
    const chunk = state.decoder.end();
    if (chunk && chunk.length) {
      ArrayPrototypePush(state.buffer, chunk);
      state.length += state.objectMode ? 1 : chunk.length;
    }
  }
  state.ended = true;
  if (state.sync) {
    emitReadable(stream);
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    emitReadableNow(stream);
  }
}

prototype.setEncoding = function setEncoding(encoding) {
  const state = this._readableState;
  useEncoding(state, encoding);
  let content = '';
  for (let i = 0; i < state.buffer.length; i++) content += state.decoder.write(state.buffer[i]);
  state.buffer = content === '' ? [] : [content];
  state.length = content.length;
  return this;
};

prototype.isPaused = function isPaused() {
  return this._readableState.paused === true || this._readableState.flowing === false;
};

// Reading.

const maxHighWaterMark = 0x40000000;

function raisedHighWaterMark(n) {
  if (n > maxHighWaterMark) throw outOfRange('size', '<= 1GiB', n);
  let mark = 1;
  while (mark < n) mark *= 2;
  return mark;
}

function howMuchToRead(n, state) {
  if (n <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (NumberIsNaN(n)) return state.flowing && state.length ? state.buffer[0].length : state.length;
  if (n <= state.length) return n;
  return state.ended ? state.length : 0;
}

prototype.read = function read(n) {
  if (n === undefined) n = NaN;
  else if (!NumberIsInteger(n)) n = NumberParseInt(n, 10);
  const state = this._readableState;
  const asked = n;
  if (n > state.highWaterMark) state.highWaterMark = raisedHighWaterMark(n);
  if (n !== 0) state.emittedReadable = false;
  if (n === 0 && state.needReadable && ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) || state.ended)) {
    if (state.length === 0 && state.ended) endReadable(this);
    else emitReadable(this);
    return null;
  }
  n = howMuchToRead(n, state);
  if (n === 0 && state.ended) {
    if (state.length === 0) endReadable(this);
    return null;
  }
  let doRead = state.needReadable || state.length === 0 || state.length - n < state.highWaterMark;
  if (state.ended || state.reading || state.destroyed || state.errored || !state.constructed) {
    doRead = false;
  } else if (doRead) {
    state.reading = true;
    state.sync = true;
    if (state.length === 0) state.needReadable = true;
    try {
      this._read(state.highWaterMark);
    } catch (error) {
      errorOrDestroy(this, error);
    }
    state.sync = false;
    if (!state.reading) n = howMuchToRead(asked, state);
  }
  const taken = n > 0 ? take(n, state) : null;
  if (taken === null) {
    state.needReadable = state.length <= state.highWaterMark;
    n = 0;
  } else {
    state.length -= n;
    forgetDrains(state);
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (asked !== n && state.ended) endReadable(this);
  }
  if (taken !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit('data', taken);
  }
  return taken;
};

/** `n` units from the buffer; all of it for a number that is not one. */
function take(n, state) {
  if (state.length === 0) return null;
  const { buffer } = state;
  if (state.objectMode) return ArrayPrototypeShift(buffer);
  if (!n || n >= state.length) {
    const all = state.decoder ? joinText(buffer) : buffer.length === 1 ? buffer[0] : Buffer.concat(buffer, state.length);
    state.buffer = [];
    return all;
  }
  const first = buffer[0];
  if (n < first.length) {
    buffer[0] = state.decoder ? StringPrototypeSlice(first, n) : first.subarray(n);
    return state.decoder ? StringPrototypeSlice(first, 0, n) : first.subarray(0, n);
  }
  if (n === first.length) return ArrayPrototypeShift(buffer);
  const parts = [];
  let left = n;
  while (left > 0) {
    const chunk = buffer[0];
    if (chunk.length <= left) {
      ArrayPrototypePush(parts, ArrayPrototypeShift(buffer));
      left -= chunk.length;
    } else {
      ArrayPrototypePush(parts, state.decoder ? StringPrototypeSlice(chunk, 0, left) : chunk.subarray(0, left));
      buffer[0] = state.decoder ? StringPrototypeSlice(chunk, left) : chunk.subarray(left);
      left = 0;
    }
  }
  return state.decoder ? joinText(parts) : Buffer.concat(parts, n);
}

function joinText(parts) {
  let text = '';
  for (let i = 0; i < parts.length; i++) text += parts[i];
  return text;
}

function emitReadable(stream) {
  const state = stream._readableState;
  state.needReadable = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  nextTick(emitReadableNow, stream);
}

function emitReadableNow(stream) {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length || state.ended)) {
    stream.emit('readable');
    state.emittedReadable = false;
  }
  state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
  flow(stream);
}

export function maybeReadMore(stream, state) {
  if (state.readingMore || !state.constructed) return;
  state.readingMore = true;
  nextTick(readMore, stream, state);
}

function readMore(stream, state) {
  while (!state.reading && !state.ended && (state.length < state.highWaterMark || (state.flowing && state.length === 0))) {
    const { length } = state;
    stream.read(0);
    // Nothing came, and nothing will before the source has something.
    if (length === state.length) break;
  }
  state.readingMore = false;
}

function endReadable(stream) {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  nextTick(emitEnd, state, stream);
}

function emitEnd(state, stream) {
  if (state.errored || state.closeEmitted || state.endEmitted || state.length !== 0) return;
  state.endEmitted = true;
  stream.emit('end');
  if (stream.writable && stream.allowHalfOpen === false) {
    nextTick(endWritable, stream);
  } else if (state.autoDestroy) {
    const w = stream._writableState;
    if (!w || (w.autoDestroy && (w.finished || w.writable === false))) stream.destroy();
  }
}

function endWritable(stream) {
  if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
}

// Flowing.

prototype.on = function on(event, listener) {
  const result = ReflectApply(Stream.prototype.on, this, [event, listener]);
  const state = this._readableState;
  if (event === 'data') {
    state.readableListening = this.listenerCount('readable') > 0;
    if (state.flowing !== false) this.resume();
  } else if (event === 'readable' && !state.endEmitted && !state.readableListening) {
    state.readableListening = state.needReadable = true;
    state.flowing = false;
    state.emittedReadable = false;
    if (state.length) emitReadable(this);
    else if (!state.reading) nextTick(readNothing, this);
  }
  return result;
};
prototype.addListener = prototype.on;

function readNothing(self) {
  self.read(0);
}

prototype.removeListener = function removeListener(event, listener) {
  const result = ReflectApply(Stream.prototype.removeListener, this, [event, listener]);
  if (event === 'readable') nextTick(updateListening, this);
  return result;
};
prototype.off = prototype.removeListener;

prototype.removeAllListeners = function removeAllListeners(event) {
  const result = ReflectApply(Stream.prototype.removeAllListeners, this, arguments);
  if (event === 'readable' || event === undefined) nextTick(updateListening, this);
  return result;
};

function updateListening(self) {
  const state = self._readableState;
  state.readableListening = self.listenerCount('readable') > 0;
  if (state.resumeScheduled && state.paused === false) state.flowing = true;
  else if (self.listenerCount('data') > 0) self.resume();
  else if (!state.readableListening) state.flowing = null;
}

prototype.resume = function resume() {
  const state = this._readableState;
  if (!state.flowing) {
    state.flowing = !state.readableListening;
    if (!state.resumeScheduled) {
      state.resumeScheduled = true;
      nextTick(resumeNow, this, state);
    }
  }
  state.paused = false;
  return this;
};

function resumeNow(stream, state) {
  if (!state.reading) stream.read(0);
  state.resumeScheduled = false;
  stream.emit('resume');
  flow(stream);
  if (state.flowing && !state.reading) stream.read(0);
}

prototype.pause = function pause() {
  if (this._readableState.flowing !== false) {
    this._readableState.flowing = false;
    this.emit('pause');
  }
  this._readableState.paused = true;
  return this;
};

function flow(stream) {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

prototype.pipe = pipe;
prototype.unpipe = unpipe;
prototype.wrap = wrap;

prototype[SymbolAsyncIterator] = function asyncIterator() {
  return lazy('./node/stream_iterate.js').iterate(this, undefined);
};

prototype.iterator = function iterator(options) {
  return lazy('./node/stream_iterate.js').iterate(this, options);
};

// Properties.

const property = (get, set = undefined, enumerable = false) => ({ __proto__: null, get, set, enumerable, configurable: true });

ObjectDefineProperties(prototype, {
  __proto__: null,
  readable: property(
    function () {
      const r = this._readableState;
      return !!r && r.readable !== false && !r.destroyed && !r.errorEmitted && !r.endEmitted;
    },
    function (value) {
      if (this._readableState) this._readableState.readable = !!value;
    },
  ),
  readableDidRead: property(function () {
    return this._readableState.dataEmitted;
  }),
  readableAborted: property(function () {
    const r = this._readableState;
    return !!(r.readable !== false && (r.destroyed || r.errored) && !r.endEmitted);
  }),
  readableHighWaterMark: property(function () {
    return this._readableState.highWaterMark;
  }),
  readableBuffer: property(function () {
    return this._readableState?.buffer;
  }),
  readableFlowing: property(
    function () {
      return this._readableState.flowing;
    },
    function (value) {
      if (this._readableState) this._readableState.flowing = value;
    },
  ),
  readableLength: property(function () {
    return this._readableState.length;
  }),
  readableObjectMode: property(function () {
    return this._readableState ? this._readableState.objectMode : false;
  }),
  readableEncoding: property(function () {
    return this._readableState ? this._readableState.encoding : null;
  }),
  errored: property(function () {
    return this._readableState ? this._readableState.errored : null;
  }),
  closed: property(function () {
    return this._readableState ? this._readableState.closed : false;
  }),
  destroyed: property(
    function () {
      return this._readableState ? this._readableState.destroyed : false;
    },
    function (value) {
      if (this._readableState) this._readableState.destroyed = value;
    },
  ),
  readableEnded: property(function () {
    return this._readableState ? this._readableState.endEmitted : false;
  }),
});
