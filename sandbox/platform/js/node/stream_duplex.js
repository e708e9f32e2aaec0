// @ts-check
/** `stream.Duplex`, `Transform` and `PassThrough` (https://nodejs.org/docs/latest-v20.x/api/stream.html#duplex-and-transform-streams). */

import { lazy } from '../lazy.js';
import { ObjectDefineProperties, ObjectGetOwnPropertyDescriptor, ObjectKeys, ObjectSetPrototypeOf, ReflectApply, Symbol } from '../primordials.js';
import { construct } from './stream_destroy.js';
import { methodNotImplemented } from './stream_errors.js';
import { Stream } from './stream_legacy.js';
import { initReadable, Readable, readMoreIfNeeded } from './stream_readable.js';
import { getDefaultHighWaterMark } from './stream_state.js';
import { initWritable, startWriting, Writable } from './stream_writable.js';
import { nextTick } from './ticks.js';

/** @type {any} */
export function Duplex(options = undefined) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  initReadable(this, options, true);
  initWritable(this, options, true);
  if (options) {
    this.allowHalfOpen = options.allowHalfOpen !== false;
    if (options.readable === false) {
      this._readableState.readable = false;
      this._readableState.ended = true;
      this._readableState.endEmitted = true;
    }
    if (options.writable === false) {
      this._writableState.writable = false;
      this._writableState.ending = true;
      this._writableState.ended = true;
      this._writableState.finished = true;
    }
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.write === 'function') this._write = options.write;
    if (typeof options.writev === 'function') this._writev = options.writev;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.final === 'function') this._final = options.final;
    if (typeof options.construct === 'function') this._construct = options.construct;
  } else {
    this.allowHalfOpen = true;
  }
  ReflectApply(Stream, this, [options]);
  if (options?.signal) lazy('./node/stream_finished.js').addAbortSignal(options.signal, this);
  if (this._construct != null) {
    construct(this, () => {
      readMoreIfNeeded(this);
      startWriting(this);
    });
  }
}
ObjectSetPrototypeOf(Duplex.prototype, Readable.prototype);
ObjectSetPrototypeOf(Duplex, Readable);

// The methods of Writable, which comes second.
const methods = ObjectKeys(Writable.prototype);
for (let i = 0; i < methods.length; i++) Duplex.prototype[methods[i]] ||= Writable.prototype[methods[i]];
Duplex.prototype.destroy = Writable.prototype.destroy;
Duplex.prototype.pipe = Readable.prototype.pipe;

const shared = { __proto__: null };
const names = [
  'writable', 'writableHighWaterMark', 'writableObjectMode', 'writableBuffer', 'writableLength', 'writableFinished', 'writableCorked', 'writableEnded', 'writableNeedDrain', 'writableAborted',
];
for (let i = 0; i < names.length; i++) shared[names[i]] = ObjectSetPrototypeOf(ObjectGetOwnPropertyDescriptor(Writable.prototype, names[i]), null);
shared.destroyed = {
  __proto__: null,
  get() {
    const r = this._readableState;
    const w = this._writableState;
    return r === undefined || w === undefined ? false : r.destroyed && w.destroyed;
  },
  set(value) {
    if (this._readableState && this._writableState) this._readableState.destroyed = this._writableState.destroyed = value;
  },
  configurable: true,
};
ObjectDefineProperties(Duplex.prototype, shared);

Duplex.from = function from(body) {
  return lazy('./node/stream_compose.js').duplexify(body, 'body');
};
Duplex.fromWeb = (pair, options) => lazy('./node/stream_adapters.js').duplexFromWeb(pair, options);
Duplex.toWeb = (duplex) => lazy('./node/stream_adapters.js').duplexToWeb(duplex);

const kCallback = Symbol('kCallback');

/** @type {any} */
export function Transform(options = undefined) {
  if (!(this instanceof Transform)) return new Transform(options);
  // The readable side holds nothing in advance when it has no room of its own.
  const readableHighWaterMark = options?.readableHighWaterMark ?? options?.highWaterMark;
  if (readableHighWaterMark === 0) {
    options = { ...options, highWaterMark: null, readableHighWaterMark, writableHighWaterMark: options.writableHighWaterMark || getDefaultHighWaterMark(!!options.objectMode) };
  }
  ReflectApply(Duplex, this, [options]);
  this._readableState.sync = false;
  this[kCallback] = null;
  if (options) {
    if (typeof options.transform === 'function') this._transform = options.transform;
    if (typeof options.flush === 'function') this._flush = options.flush;
  }
  this.on('prefinish', prefinish);
}
ObjectSetPrototypeOf(Transform.prototype, Duplex.prototype);
ObjectSetPrototypeOf(Transform, Duplex);

function final(callback) {
  const done = (error, data) => {
    if (error) {
      if (callback) callback(error);
      else this.destroy(error);
      return;
    }
    if (data !== null && data !== undefined) this.push(data);
    this.push(null);
    if (callback) callback();
  };
  if (typeof this._flush === 'function' && !this.destroyed) {
    this._flush(done);
  } else {
    this.push(null);
    if (callback) callback();
  }
}

function prefinish() {
  if (this._final !== final) ReflectApply(final, this, []);
}

Transform.prototype._final = final;

Transform.prototype._transform = function _transform(_chunk, _encoding, _callback) {
  throw methodNotImplemented('_transform()');
};

Transform.prototype._write = function _write(chunk, encoding, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const { length } = r;
  this._transform(chunk, encoding, (error, value) => {
    if (error) {
      callback(error);
      return;
    }
    if (value !== null && value !== undefined) this.push(value);
    if (r.ended) {
      // Ended by itself: what follows is not wanted.
      nextTick(callback);
    } else if (w.ended || length === r.length || r.length < r.highWaterMark) {
      callback();
    } else {
      this[kCallback] = callback;
    }
  });
};

Transform.prototype._read = function _read() {
  if (!this[kCallback]) return;
  const callback = this[kCallback];
  this[kCallback] = null;
  callback();
};

/** @type {any} */
export function PassThrough(options = undefined) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  ReflectApply(Transform, this, [options]);
}
ObjectSetPrototypeOf(PassThrough.prototype, Transform.prototype);
ObjectSetPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = function _transform(chunk, _encoding, callback) {
  callback(null, chunk);
};

/** Two streams, of which each reads what is written into the other. */
export function duplexPair(options = undefined) {
  const makeSide = () => {
    let callback = null;
    let other;
    const side = new Duplex({
      ...options,
      read() {
        if (callback === null) return;
        const run = callback;
        callback = null;
        run();
      },
      write(chunk, _encoding, done) {
        if (chunk.length === 0) nextTick(done);
        else other.receive(chunk, done);
      },
      final(done) {
        other.side.on('end', done);
        other.side.push(null);
      },
    });
    const receive = (chunk, done) => {
      side.push(chunk);
      callback = done;
    };
    return { side, receive, join: (it) => (other = it) };
  };
  const first = makeSide();
  const second = makeSide();
  first.join(second);
  second.join(first);
  return [first.side, second.side];
}
