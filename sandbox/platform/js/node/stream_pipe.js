// @ts-check
/** `pipe`, `unpipe` and `wrap` of `stream.Readable` (https://nodejs.org/docs/latest-v20.x/api/stream.html#readablepipedestination-options). */

import { ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSplice, ObjectKeys, ReflectApply } from '../primordials.js';
import { Set, SetPrototypeAdd, SetPrototypeDelete, SetPrototypeGetSize } from '../primordials/collections.js';
import { errorOrDestroy } from './stream_destroy.js';
import { prependListener } from './stream_legacy.js';
import { nextTick } from './ticks.js';

/** Sends what the stream reads to `dest`, as fast as that takes it. */
export function pipe(dest, options) {
  const source = this;
  const state = this._readableState;
  if (state.pipes.length === 1 && !state.multiAwaitDrain) {
    state.multiAwaitDrain = true;
    const waiting = new Set();
    if (state.awaitDrainWriters) SetPrototypeAdd(waiting, state.awaitDrainWriters);
    state.awaitDrainWriters = waiting;
  }
  ArrayPrototypePush(state.pipes, dest);
  const doEnd = (!options || options.end !== false) && !dest._isStdio;
  const endFn = doEnd ? onend : unpipe;
  if (state.endEmitted) nextTick(endFn);
  else source.once('end', endFn);
  dest.on('unpipe', onunpipe);

  function onunpipe(readable, information) {
    if (readable === source && information && information.hasUnpiped === false) {
      information.hasUnpiped = true;
      cleanup();
    }
  }
  function onend() {
    dest.end();
  }
  let ondrain;
  let cleanedUp = false;
  function cleanup() {
    dest.removeListener('close', onclose);
    dest.removeListener('finish', onfinish);
    if (ondrain) dest.removeListener('drain', ondrain);
    dest.removeListener('error', onerror);
    dest.removeListener('unpipe', onunpipe);
    source.removeListener('end', onend);
    source.removeListener('end', unpipe);
    source.removeListener('data', ondata);
    cleanedUp = true;
    if (ondrain && state.awaitDrainWriters && (!dest._writableState || dest._writableState.needDrain)) ondrain();
  }
  function pause() {
    if (!cleanedUp) {
      if (state.pipes.length === 1 && state.pipes[0] === dest) {
        state.awaitDrainWriters = dest;
        state.multiAwaitDrain = false;
      } else if (state.pipes.length > 1 && ArrayPrototypeIndexOf(state.pipes, dest) !== -1) {
        SetPrototypeAdd(state.awaitDrainWriters, dest);
      }
      source.pause();
    }
    if (!ondrain) {
      ondrain = pipeOnDrain(source, dest);
      dest.on('drain', ondrain);
    }
  }
  source.on('data', ondata);
  function ondata(chunk) {
    if (dest.write(chunk) === false) pause();
  }
  function onerror(error) {
    unpipe();
    dest.removeListener('error', onerror);
    if (dest.listenerCount('error') === 0) {
      const s = dest._writableState || dest._readableState;
      if (s && !s.errorEmitted) errorOrDestroy(dest, error);
      else dest.emit('error', error);
    }
  }
  prependListener(dest, 'error', onerror);
  function onclose() {
    dest.removeListener('finish', onfinish);
    unpipe();
  }
  dest.once('close', onclose);
  function onfinish() {
    dest.removeListener('close', onclose);
    unpipe();
  }
  dest.once('finish', onfinish);
  function unpipe() {
    source.unpipe(dest);
  }
  dest.emit('pipe', source);
  if (dest.writableNeedDrain === true) pause();
  else if (!state.flowing) source.resume();
  return dest;
}

function pipeOnDrain(source, dest) {
  return function pipeOnDrainFunction() {
    const state = source._readableState;
    if (state.awaitDrainWriters === dest) state.awaitDrainWriters = null;
    else if (state.multiAwaitDrain) SetPrototypeDelete(state.awaitDrainWriters, dest);
    const waits = state.awaitDrainWriters && (!state.multiAwaitDrain || SetPrototypeGetSize(state.awaitDrainWriters) > 0);
    if (!waits && source.listenerCount('data')) source.resume();
  };
}

export function unpipe(dest) {
  const state = this._readableState;
  if (state.pipes.length === 0) return this;
  if (!dest) {
    const dests = state.pipes;
    state.pipes = [];
    this.pause();
    for (let i = 0; i < dests.length; i++) dests[i].emit('unpipe', this, { hasUnpiped: false });
    return this;
  }
  const index = ArrayPrototypeIndexOf(state.pipes, dest);
  if (index === -1) return this;
  ArrayPrototypeSplice(state.pipes, index, 1);
  if (state.pipes.length === 0) this.pause();
  dest.emit('unpipe', this, { hasUnpiped: false });
  return this;
}

/** Makes a stream of the oldest kind readable in today's way. */
export function wrap(stream) {
  let paused = false;
  stream.on('data', (chunk) => {
    if (!this.push(chunk) && stream.pause) {
      paused = true;
      stream.pause();
    }
  });
  stream.on('end', () => this.push(null));
  stream.on('error', (error) => errorOrDestroy(this, error));
  stream.on('close', () => this.destroy());
  stream.on('destroy', () => this.destroy());
  this._read = () => {
    if (paused && stream.resume) {
      paused = false;
      stream.resume();
    }
  };
  const keys = ObjectKeys(stream);
  for (let i = 1; i < keys.length; i++) {
    if (this[keys[i]] === undefined && typeof stream[keys[i]] === 'function') this[keys[i]] = (...args) => ReflectApply(stream[keys[i]], stream, args);
  }
  return this;
}
