// @ts-check
/** How streams are constructed late, fail and are destroyed (https://nodejs.org/docs/latest-v20.x/api/stream.html#readabledestroyerror). */

import { Symbol } from '../primordials.js';
import { AbortError } from './errors.js';
import { multipleCallback } from './stream_errors.js';
import { nextTick } from './ticks.js';

const kDestroy = Symbol('kDestroy');
const kConstruct = Symbol('kConstruct');

function note(error, w, r) {
  if (!error) return;
  if (w && !w.errored) w.errored = error;
  if (r && !r.errored) r.errored = error;
}

/** The method `destroy` of both kinds. */
export function destroy(error, callback) {
  const r = this._readableState;
  const w = this._writableState;
  const s = w || r;
  if (w?.destroyed || r?.destroyed) {
    if (typeof callback === 'function') callback();
    return this;
  }
  note(error, w, r);
  if (w) w.destroyed = true;
  if (r) r.destroyed = true;
  // Whoever is being constructed is destroyed after that.
  if (!s.constructed) this.once(kDestroy, (late) => runDestroy(this, aggregate(late, error), callback));
  else runDestroy(this, error, callback);
  return this;
}

const aggregate = (inner, outer) => inner ?? outer;

function runDestroy(self, error, callback) {
  let called = false;
  const onDestroy = (failure) => {
    if (called) return;
    called = true;
    const r = self._readableState;
    const w = self._writableState;
    note(failure, w, r);
    if (w) w.closed = true;
    if (r) r.closed = true;
    if (typeof callback === 'function') callback(failure);
    if (failure) nextTick(emitErrorAndClose, self, failure);
    else nextTick(emitClose, self);
  };
  try {
    self._destroy(error || null, onDestroy);
  } catch (failure) {
    onDestroy(failure);
  }
}

function emitErrorAndClose(self, error) {
  emitError(self, error);
  emitClose(self);
}

function emitClose(self) {
  const r = self._readableState;
  const w = self._writableState;
  if (w) w.closeEmitted = true;
  if (r) r.closeEmitted = true;
  if (w?.emitClose || r?.emitClose) self.emit('close');
}

function emitError(self, error) {
  const r = self._readableState;
  const w = self._writableState;
  if (w?.errorEmitted || r?.errorEmitted) return;
  if (w) w.errorEmitted = true;
  if (r) r.errorEmitted = true;
  self.emit('error', error);
}

/** The method `_undestroy`. */
export function undestroy() {
  const r = this._readableState;
  const w = this._writableState;
  if (r) {
    r.constructed = true;
    r.closed = r.closeEmitted = r.destroyed = r.errorEmitted = r.reading = false;
    r.errored = null;
    r.ended = r.endEmitted = r.readable === false;
  }
  if (w) {
    w.constructed = true;
    w.destroyed = w.closed = w.closeEmitted = w.errorEmitted = w.finalCalled = w.prefinished = false;
    w.errored = null;
    w.ended = w.ending = w.finished = w.writable === false;
  }
}

/** The stream has failed: it is destroyed if that is its manner, else it says so. */
export function errorOrDestroy(stream, error, sync = false) {
  const r = stream._readableState;
  const w = stream._writableState;
  if (w?.destroyed || r?.destroyed) return;
  if (r?.autoDestroy || w?.autoDestroy) {
    stream.destroy(error);
  } else if (error) {
    note(error, w, r);
    if (sync) nextTick(emitError, stream, error);
    else emitError(stream, error);
  }
}

/** Calls `_construct`, if there is one, and `callback` when it is done. */
export function construct(stream, callback) {
  if (typeof stream._construct !== 'function') return;
  const r = stream._readableState;
  const w = stream._writableState;
  if (r) r.constructed = false;
  if (w) w.constructed = false;
  stream.once(kConstruct, callback);
  // A Duplex has two sides that ask for the same.
  if (stream.listenerCount(kConstruct) > 1) return;
  nextTick(runConstruct, stream);
}

function runConstruct(stream) {
  let called = false;
  const onConstruct = (error) => {
    if (called) {
      errorOrDestroy(stream, error ?? multipleCallback());
      return;
    }
    called = true;
    const r = stream._readableState;
    const w = stream._writableState;
    const s = w || r;
    if (r) r.constructed = true;
    if (w) w.constructed = true;
    if (s.destroyed) stream.emit(kDestroy, error);
    else if (error) errorOrDestroy(stream, error, true);
    else stream.emit(kConstruct);
  };
  try {
    stream._construct((error) => nextTick(onConstruct, error));
  } catch (error) {
    nextTick(onConstruct, error);
  }
}

const isRequest = (stream) => stream?.setHeader && typeof stream.abort === 'function';

/** Destroys any kind of stream. */
export function destroyer(stream, error) {
  if (!stream || stream.destroyed || stream._readableState?.destroyed || stream._writableState?.destroyed) return;
  if (!error && !(stream.readableEnded || stream.writableFinished)) error = new AbortError();
  if (isRequest(stream)) stream.abort();
  else if (isRequest(stream.req)) stream.req.abort();
  else if (typeof stream.destroy === 'function') stream.destroy(error);
  else if (typeof stream.close === 'function') stream.close();
  else if (error) nextTick(() => stream.emit('error', error), stream);
  else nextTick(() => stream.emit('close'), stream);
  if (!stream.destroyed) stream.destroyed = true;
}
