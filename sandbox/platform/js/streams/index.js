// @ts-check
/**
 * The Streams Standard's interfaces, and what other platform files do with streams without tenant
 * code noticing (§9 "Using streams in other specifications").
 */
import { TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset } from '../primordials/buffers.js';
import {
  isReadableByteStreamController, readableByteStreamControllerClose, readableByteStreamControllerEnqueueOwned, readableByteStreamControllerError,
  readableByteStreamControllerRespond,
} from './readable_byte_stream.js';
import {
  readableStreamDefaultControllerClose, readableStreamDefaultControllerEnqueue, readableStreamDefaultControllerError,
} from './readable_default_controller.js';
import { acquireReadableStreamDefaultReader, readableStreamDefaultReaderRead } from './readable_readers.js';
import { createReadableByteStreamSlots, readableStreamCancel, readableStreamSlots } from './readable_stream.js';
import { readableStreamPipeTo } from './pipe.js';
import { readableStreamTee as teeSlots } from './tee.js';
import { createTransformStreamSlots, transformStreamDefaultControllerEnqueue, transformStreamDefaultControllerRoom } from './transform_stream.js';
import { writableStreamSlots } from './writable_stream.js';

export { ByteLengthQueuingStrategy, CountQueuingStrategy } from './queuing_strategies.js';
export { ReadableByteStreamController, ReadableStreamBYOBRequest } from './readable_byte_stream.js';
export { ReadableStreamDefaultController } from './readable_default_controller.js';
export { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readable_readers.js';
export { isReadableStream, ReadableStream } from './readable_stream.js';
export { readAllBytes } from './consume.js';
export { TextDecoderStream, TextEncoderStream } from './text_streams.js';
export { TransformStream, TransformStreamDefaultController } from './transform_stream.js';
export { WritableStreamDefaultController } from './writable_controller.js';
export { isWritableStream, WritableStream } from './writable_stream.js';
export { WritableStreamDefaultWriter } from './writable_writer.js';

/** A ReadableStream of bytes; `highWaterMark` in bytes. With 0, `pull` is only called while a read waits. */
export function createReadableByteStream(source, highWaterMark = 0) {
  return createReadableByteStreamSlots(source, highWaterMark).platformObject;
}

/**
 * Enqueues a chunk; does nothing when the stream is closing, closed or errored. A byte stream takes
 * a Uint8Array whose whole buffer it then owns and shows to tenants; an empty one is dropped.
 */
export function readableStreamEnqueue(stream, chunk) {
  const { controller } = readableStreamSlots(stream);
  if (!isReadableByteStreamController(controller)) {
    readableStreamDefaultControllerEnqueue(controller, chunk);
    return;
  }
  const length = TypedArrayPrototypeGetByteLength(chunk);
  if (length === 0) return;
  readableByteStreamControllerEnqueueOwned(controller, TypedArrayPrototypeGetBuffer(chunk), TypedArrayPrototypeGetByteOffset(chunk), length);
}

/** Closes the stream after the chunks it holds; does nothing when it is closing, closed or errored. */
export function readableStreamClose(stream) {
  const { controller } = readableStreamSlots(stream);
  if (!isReadableByteStreamController(controller)) {
    readableStreamDefaultControllerClose(controller);
    return;
  }
  try {
    readableByteStreamControllerClose(controller);
  } catch {
    // A reader waits for more of an element than came; it was told so, as the stream is errored now.
    return;
  }
  if (!controller.closeRequested && controller.pendingPullIntos.size > 0) readableByteStreamControllerRespond(controller, 0);
}

/** Errors the stream, dropping the chunks it holds; does nothing when it is closed or errored. */
export function readableStreamError(stream, error) {
  const { controller } = readableStreamSlots(stream);
  if (isReadableByteStreamController(controller)) readableByteStreamControllerError(controller, error);
  else readableStreamDefaultControllerError(controller, error);
}

/** Whether the stream was ever read from or cancelled. */
export function isReadableStreamDisturbed(stream) {
  return readableStreamSlots(stream).disturbed;
}

export function isReadableStreamLocked(stream) {
  return readableStreamSlots(stream).reader !== undefined;
}

/** Locks a stream for the platform; throws a TypeError when it is locked. The result is opaque. */
export function acquireDefaultReader(stream) {
  return acquireReadableStreamDefaultReader(readableStreamSlots(stream));
}

/**
 * "Read a chunk". Exactly one of the request's methods is called, perhaps before this returns.
 * @param {{ chunkSteps(chunk: any): void, closeSteps(): void, errorSteps(error: any): void }} request
 */
export function readChunk(reader, request) {
  readableStreamDefaultReaderRead(reader, request);
}

/** Cancels the stream whether it is locked or not. */
export function cancelReadableStream(stream, reason) {
  return readableStreamCancel(readableStreamSlots(stream), reason);
}

/**
 * Tees a stream that is not locked. With `cloneForBranch2`, the second branch gets structured clones;
 * byte streams always give each branch bytes of its own.
 * @returns {[ReadableStream, ReadableStream]}
 */
export function readableStreamTee(stream, cloneForBranch2 = false) {
  const branches = teeSlots(readableStreamSlots(stream), cloneForBranch2);
  return [branches[0].platformObject, branches[1].platformObject];
}

const PREVENT_NOTHING = { __proto__: null, preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };

/** "Pipe through"/"pipe to" for the platform: both streams must be unlocked. @returns {Promise<undefined>} */
export function pipeReadableTo(source, destination) {
  return readableStreamPipeTo(readableStreamSlots(source), writableStreamSlots(destination), PREVENT_NOTHING);
}

/**
 * The two ends of a transform of the platform's own. `transformer` must have all three methods; each
 * returns a native promise or undefined, and may throw; `enqueueTransformed(controller, chunk)` puts out chunks.
 * @param {{ transform(chunk: any, controller: any): any, flush(controller: any): any, cancel(reason: any): any }} transformer
 * @returns {{ readable: ReadableStream, writable: WritableStream }}
 */
export function createTransform(transformer) {
  const slots = createTransformStreamSlots(transformer);
  return { readable: slots.readable.platformObject, writable: slots.writable.platformObject };
}

/** Throws when the readable end is closing, closed or errored. */
export function enqueueTransformed(controller, chunk) {
  transformStreamDefaultControllerEnqueue(controller, chunk);
}

/**
 * For a transformer that puts out much for one chunk: undefined while the reader wants more, otherwise a promise
 * that tells whether it came to want more, or nothing is wanted any more.
 * @returns {Promise<boolean> | undefined}
 */
export function roomForTransformed(controller) {
  return transformStreamDefaultControllerRoom(controller);
}
