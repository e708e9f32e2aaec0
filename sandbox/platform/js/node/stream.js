// @ts-check
/** `node:stream` (https://nodejs.org/docs/latest-v20.x/api/stream.html). */

import { ObjectDefineProperty, ReflectApply, SymbolFor, TypeError } from '../primordials.js';
import { Buffer, isUint8Array } from './buffer_class.js';
import { duplexFromWeb, duplexToWeb, readableFromWeb, readableToWeb, writableFromWeb, writableToWeb } from './stream_adapters.js';
import { compose } from './stream_compose.js';
import { destroyer } from './stream_destroy.js';
import { Duplex, duplexPair, PassThrough, Transform } from './stream_duplex.js';
import { addAbortSignal, finished, finishedPromise } from './stream_finished.js';
import { from } from './stream_iterate.js';
import { Stream } from './stream_legacy.js';
import { promiseOperators, streamOperators } from './stream_operators.js';
import { pipeline, pipelinePromise } from './stream_pipeline.js';
import promises from './stream_promises.js';
import { Readable } from './stream_readable.js';
import { getDefaultHighWaterMark, isDestroyed, isDisturbed, isErrored, isReadable, isWritable, setDefaultHighWaterMark } from './stream_state.js';
import { Writable } from './stream_writable.js';

export {
  addAbortSignal, compose, Duplex, duplexPair, finished, getDefaultHighWaterMark, isDestroyed, isDisturbed, isErrored, isReadable, isWritable, PassThrough, pipeline, promises, Readable,
  setDefaultHighWaterMark, Stream, Transform, Writable,
};

const hidden = (object, name, value) => ObjectDefineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });

Readable.from = (iterable, options) => from(Readable, iterable, options);
Readable.fromWeb = readableFromWeb;
Readable.toWeb = readableToWeb;
Readable.wrap = (source, options) => {
  const destroy = (error, callback) => {
    destroyer(source, error);
    callback(error);
  };
  return new Readable({ objectMode: source.readableObjectMode ?? source.objectMode ?? true, ...options, destroy }).wrap(source);
};
Writable.fromWeb = writableFromWeb;
Writable.toWeb = writableToWeb;
Duplex.fromWeb = duplexFromWeb;
Duplex.toWeb = duplexToWeb;

for (const name in streamOperators) {
  const operator = streamOperators[name];
  hidden(Readable.prototype, name, function (...args) {
    if (new.target) throw new TypeError(`${name} is not a constructor`);
    return Stream.Readable.from(ReflectApply(operator, this, args));
  });
}
for (const name in promiseOperators) hidden(Readable.prototype, name, promiseOperators[name]);
hidden(Readable.prototype, 'compose', function composeWith(stream, options = undefined) {
  const composed = compose(this, stream);
  if (options?.signal) addAbortSignal(options.signal, composed);
  return composed;
});

const kCustomPromisify = SymbolFor('nodejs.util.promisify.custom');
ObjectDefineProperty(pipeline, kCustomPromisify, { __proto__: null, enumerable: true, get: () => pipelinePromise });
ObjectDefineProperty(finished, kCustomPromisify, { __proto__: null, enumerable: true, get: () => finishedPromise });

const members = {
  __proto__: null, isDestroyed, isDisturbed, isErrored, isReadable, isWritable, Readable, Writable, Duplex, Transform, PassThrough, duplexPair, pipeline, addAbortSignal, finished, destroy: destroyer, compose,
  setDefaultHighWaterMark, getDefaultHighWaterMark, promises, Stream, _isUint8Array: isUint8Array,
};
for (const name in members) Stream[name] = members[name];
Stream._uint8ArrayToBuffer = (chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

export { destroyer as destroy };
export default Stream;
