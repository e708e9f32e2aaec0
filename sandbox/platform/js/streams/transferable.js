// @ts-check
/**
 * Transfer of streams: "Transfer via structured clone" of the Streams Standard (§4.2.5, §5.2.5, §6.2.4) and "Cross-realm transform
 * streams" (§8.2). What is transferred stays where it is, and is piped through a channel to its new self.
 */
import { Port } from '../message_port.js';
import { PromiseResolve, PromiseWithResolvers } from '../primordials.js';
import { WeakSet, WeakSetPrototypeAdd, WeakSetPrototypeHas } from '../primordials/collections.js';
import { ops, then } from '../ops.js';
import { clone } from '../structured_clone.js';
import { createDOMException } from '../webidl.js';
import { readableStreamPipeTo } from './pipe.js';
import { readableStreamDefaultControllerClose, readableStreamDefaultControllerEnqueue, readableStreamDefaultControllerError } from './readable_default_controller.js';
import { createReadableStreamSlots, readableStreamSlots } from './readable_stream.js';
import { writableStreamDefaultControllerErrorIfNeeded } from './writable_controller.js';
import { createWritableStreamSlots, writableStreamSlots } from './writable_stream.js';
import { createTransformStreamOf } from './transform_stream.js';

/** Those whose [[Detached]] is true. */
const transferred = new WeakSet();

export function wasTransferred(stream) {
  return WeakSetPrototypeHas(transferred, stream);
}

export function transferReadableStream(stream) {
  const slots = readableStreamSlots(stream);
  requireUnlocked(slots.reader);
  WeakSetPrototypeAdd(transferred, stream);
  return moveReadable(slots).platformObject;
}

export function transferWritableStream(stream) {
  const slots = writableStreamSlots(stream);
  requireUnlocked(slots.writer);
  WeakSetPrototypeAdd(transferred, stream);
  return moveWritable(slots).platformObject;
}

export function transferTransformStream(stream, { readable, writable }) {
  requireUnlocked(readable.reader);
  requireUnlocked(writable.writer);
  WeakSetPrototypeAdd(transferred, stream);
  return createTransformStreamOf(moveReadable(readable), moveWritable(writable));
}

function requireUnlocked(lock) {
  if (lock !== undefined) throw createDOMException('A stream that is locked cannot be transferred.', 'DataCloneError');
}

function moveReadable(slots) {
  const { one, other } = Port.pair();
  pipe(slots, setUpCrossRealmTransformWritable(one));
  return setUpCrossRealmTransformReadable(other);
}

function moveWritable(slots) {
  const { one, other } = Port.pair();
  pipe(setUpCrossRealmTransformReadable(one), slots);
  return setUpCrossRealmTransformWritable(other);
}

function pipe(source, destination) {
  ops.markPromiseHandled(readableStreamPipeTo(source, destination, { __proto__: null, preventAbort: false, preventCancel: false, preventClose: false, signal: undefined }));
}

function setUpCrossRealmTransformReadable(port) {
  const stream = createReadableStreamSlots(
    {
      __proto__: null,
      pull() {
        packAndPostMessage(port, 'pull', undefined);
      },
      cancel(reason) {
        try {
          packAndPostMessageHandlingError(port, 'error', reason);
        } finally {
          port.disentangle();
        }
      },
    },
    0,
  );
  const { controller } = stream;
  listen(port, ({ type, value }) => {
    if (type === 'chunk') {
      readableStreamDefaultControllerEnqueue(controller, value);
      return;
    }
    if (type === 'close') readableStreamDefaultControllerClose(controller);
    else if (type === 'error') readableStreamDefaultControllerError(controller, value);
    port.disentangle();
  });
  return stream;
}

function setUpCrossRealmTransformWritable(port) {
  /** Pending while the other side has not asked for a chunk. */
  let backpressure = PromiseWithResolvers();
  const stream = createWritableStreamSlots({
    __proto__: null,
    write(chunk) {
      backpressure ??= settled();
      return then(backpressure.promise, () => {
        backpressure = PromiseWithResolvers();
        try {
          packAndPostMessageHandlingError(port, 'chunk', chunk);
        } catch (error) {
          port.disentangle();
          throw error;
        }
      });
    },
    close() {
      packAndPostMessage(port, 'close', undefined);
      port.disentangle();
    },
    abort(reason) {
      try {
        packAndPostMessageHandlingError(port, 'error', reason);
      } finally {
        port.disentangle();
      }
    },
  });
  listen(port, ({ type, value }) => {
    if (type === 'error') writableStreamDefaultControllerErrorIfNeeded(stream.controller, value);
    if (type !== 'pull' && type !== 'error') return;
    backpressure?.resolve(undefined);
    backpressure = undefined;
  });
  return stream;
}

function settled() {
  return { __proto__: null, promise: PromiseResolve(undefined), resolve: undefined };
}

function listen(port, receive) {
  port.receiver = { __proto__: null, receive, disentangled() {} };
  port.start();
}

function packAndPostMessage(port, type, value) {
  port.post({ __proto__: null, type, value: clone(value, 'Failed to send a chunk') });
}

/** Tells the other side, too, when a value cannot be cloned. */
function packAndPostMessageHandlingError(port, type, value) {
  try {
    packAndPostMessage(port, type, value);
  } catch (error) {
    crossRealmTransformSendError(port, error);
    throw error;
  }
}

function crossRealmTransformSendError(port, error) {
  try {
    packAndPostMessage(port, 'error', error);
  } catch {
    // What a getter threw need not be cloneable either.
    packAndPostMessage(port, 'error', undefined);
  }
}
