// @ts-check
/** `Stream`, from which all streams inherit: an emitter with the oldest `pipe`. */

import { ArrayIsArray, ArrayPrototypePush, ObjectSetPrototypeOf, ReflectApply, ReflectOwnKeys } from '../primordials.js';
import { EventEmitter } from './events_emitter.js';

/** @type {any} */
export function Stream(options = undefined) {
  ReflectApply(EventEmitter, this, [options]);
}
ObjectSetPrototypeOf(Stream.prototype, EventEmitter.prototype);
ObjectSetPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function pipe(dest, options) {
  const source = this;
  const ondata = (chunk) => {
    if (dest.writable && dest.write(chunk) === false && source.pause) source.pause();
  };
  const ondrain = () => {
    if (source.readable && source.resume) source.resume();
  };
  let didEnd = false;
  const onend = () => {
    if (didEnd) return;
    didEnd = true;
    dest.end();
  };
  const onclose = () => {
    if (didEnd) return;
    didEnd = true;
    if (typeof dest.destroy === 'function') dest.destroy();
  };
  function onerror(error) {
    cleanup();
    if (EventEmitter.listenerCount(this, 'error') === 0) this.emit('error', error);
  }
  source.on('data', ondata);
  dest.on('drain', ondrain);
  if (!dest._isStdio && (!options || options.end !== false)) {
    source.on('end', onend);
    source.on('close', onclose);
  }
  prependListener(source, 'error', onerror);
  prependListener(dest, 'error', onerror);
  const cleanup = () => {
    source.removeListener('data', ondata);
    dest.removeListener('drain', ondrain);
    source.removeListener('end', onend);
    source.removeListener('close', onclose);
    source.removeListener('error', onerror);
    dest.removeListener('error', onerror);
    source.removeListener('end', cleanup);
    source.removeListener('close', cleanup);
    dest.removeListener('close', cleanup);
  };
  source.on('end', cleanup);
  source.on('close', cleanup);
  dest.on('close', cleanup);
  dest.emit('pipe', source);
  return dest;
};

Stream.prototype.eventNames = function eventNames() {
  const names = [];
  const keys = this._events ? ReflectOwnKeys(this._events) : [];
  for (let i = 0; i < keys.length; i++) {
    const listeners = this._events[keys[i]];
    if (typeof listeners === 'function' || (ArrayIsArray(listeners) && listeners.length > 0)) ArrayPrototypePush(names, keys[i]);
  }
  return names;
};

/** Puts a listener before those that are there, also where the emitter is not one of ours. */
export function prependListener(emitter, event, listener) {
  if (typeof emitter.prependListener === 'function') emitter.prependListener(event, listener);
  else emitter.on(event, listener);
}
