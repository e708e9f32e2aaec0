// @ts-check
/** Streams Standard §5.3 "The WritableStreamDefaultWriter class", §5.5.3. */
import { PromiseReject, PromiseResolve, TypeError, inheritNothing } from '../primordials.js';
import { configureInterface, privateToken, requiredArguments } from '../webidl.js';
import { PromiseSlot } from './support.js';
import { writableStreamDefaultControllerGetChunkSize, writableStreamDefaultControllerGetDesiredSize, writableStreamDefaultControllerWrite } from './writable_controller.js';
import {
  isWritableStream, writableStreamAbort, writableStreamAddWriteRequest, writableStreamClose, writableStreamCloseQueuedOrInFlight, writableStreamSlots,
} from './writable_stream.js';

let isWriter;

export class WritableStreamDefaultWriter {
  #slots;

  static {
    isWriter = (value) => typeof value === 'object' && value !== null && #slots in value;
  }

  constructor(stream, slots = undefined) {
    if (stream === privateToken) {
      this.#slots = slots;
      return;
    }
    const prefix = "Failed to construct 'WritableStreamDefaultWriter'";
    requiredArguments(arguments.length, 1, prefix);
    if (!isWritableStream(stream)) throw new TypeError(`${prefix}: argument 1 is not a WritableStream`);
    this.#slots = acquireWritableStreamDefaultWriter(writableStreamSlots(stream));
    this.#slots.object = this;
  }

  get closed() {
    return isWriter(this) ? this.#slots.closed.get() : illegalInvocation();
  }

  get desiredSize() {
    if (this.#slots.stream === undefined) throw releasedError();
    return writableStreamDefaultWriterGetDesiredSize(this.#slots);
  }

  get ready() {
    return isWriter(this) ? this.#slots.ready.get() : illegalInvocation();
  }

  abort(reason = undefined) {
    if (!isWriter(this)) return illegalInvocation();
    const { stream } = this.#slots;
    return stream === undefined ? PromiseReject(releasedError()) : writableStreamAbort(stream, reason);
  }

  close() {
    if (!isWriter(this)) return illegalInvocation();
    const { stream } = this.#slots;
    if (stream === undefined) return PromiseReject(releasedError());
    if (writableStreamCloseQueuedOrInFlight(stream)) return PromiseReject(new TypeError('The stream is already closing'));
    return writableStreamClose(stream);
  }

  releaseLock() {
    if (this.#slots.stream !== undefined) writableStreamDefaultWriterRelease(this.#slots);
  }

  write(chunk = undefined) {
    if (!isWriter(this)) return illegalInvocation();
    if (this.#slots.stream === undefined) return PromiseReject(releasedError());
    return writableStreamDefaultWriterWrite(this.#slots, chunk).get();
  }
}

configureInterface(WritableStreamDefaultWriter);

/** The internal slots (§5.3.2). */
class WriterSlots {
  /** Undefined once the lock is released. */
  stream;
  ready;
  closed;
  object = undefined;

  /** SetUpWritableStreamDefaultWriter. */
  constructor(stream) {
    this.stream = stream;
    stream.writer = this;
    const { state, storedError } = stream;
    if (state === 'writable') {
      const waits = !writableStreamCloseQueuedOrInFlight(stream) && stream.backpressure;
      this.ready = waits ? new PromiseSlot() : PromiseSlot.fulfilled();
    } else {
      this.ready = state === 'closed' ? PromiseSlot.fulfilled() : PromiseSlot.rejectedHandled(storedError);
    }
    if (state === 'closed') this.closed = PromiseSlot.fulfilled();
    else this.closed = state === 'errored' ? PromiseSlot.rejectedHandled(storedError) : new PromiseSlot();
  }

  get platformObject() {
    return (this.object ??= new WritableStreamDefaultWriter(privateToken, this));
  }
}

export function acquireWritableStreamDefaultWriter(stream) {
  if (stream.writer !== undefined) throw new TypeError('The stream is already locked to a writer');
  return new WriterSlots(stream);
}

export function writableStreamDefaultWriterCloseWithErrorPropagation(writer) {
  const { stream } = writer;
  if (writableStreamCloseQueuedOrInFlight(stream) || stream.state === 'closed') return PromiseResolve(undefined);
  if (stream.state === 'errored') return PromiseReject(stream.storedError);
  return writableStreamClose(stream);
}

export function writableStreamDefaultWriterEnsureReadyPromiseRejected(writer, error) {
  if (writer.ready.state === 0) writer.ready.rejectHandled(error);
  else writer.ready = PromiseSlot.rejectedHandled(error);
}

export function writableStreamDefaultWriterGetDesiredSize(writer) {
  const { state, controller } = writer.stream;
  if (state === 'errored' || state === 'erroring') return null;
  if (state === 'closed') return 0;
  return writableStreamDefaultControllerGetDesiredSize(controller);
}

/** WritableStreamDefaultWriterRelease, with both "ensure … promise rejected". */
export function writableStreamDefaultWriterRelease(writer) {
  let error;
  const makeError = () => (error ??= releasedError());
  if (writer.ready.state === 0) writer.ready.rejectHandledWith(makeError);
  else writer.ready = PromiseSlot.rejectedHandledWith(makeError);
  if (writer.closed.state === 0) writer.closed.rejectHandledWith(makeError);
  else writer.closed = PromiseSlot.rejectedHandledWith(makeError);
  writer.stream.writer = undefined;
  writer.stream = undefined;
}

/** @returns {PromiseSlot} of the write */
export function writableStreamDefaultWriterWrite(writer, chunk) {
  const { stream } = writer;
  const { controller } = stream;
  const chunkSize = writableStreamDefaultControllerGetChunkSize(controller, chunk);
  // The size algorithm may have released the lock.
  if (stream !== writer.stream) return PromiseSlot.rejected(releasedError());
  const { state } = stream;
  if (state === 'errored') return PromiseSlot.rejected(stream.storedError);
  if (state === 'closed' || writableStreamCloseQueuedOrInFlight(stream)) return PromiseSlot.rejected(new TypeError('The stream is closing or closed'));
  if (state === 'erroring') return PromiseSlot.rejected(stream.storedError);
  const request = writableStreamAddWriteRequest(stream);
  writableStreamDefaultControllerWrite(controller, chunk, chunkSize);
  return request;
}

function releasedError() {
  return new TypeError("The writer's lock on the stream was released");
}

function illegalInvocation() {
  return PromiseReject(new TypeError('Illegal invocation'));
}

inheritNothing(WriterSlots);
