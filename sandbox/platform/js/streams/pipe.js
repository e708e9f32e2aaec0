// @ts-check
/** Streams Standard §4.9.1: ReadableStreamPipeTo. */
import { PromiseResolve, PromiseWithResolvers, TypeError, inheritNothing } from '../primordials.js';
import { addAbortAlgorithm, removeAbortAlgorithm, signalAborted, signalReason } from '../abort.js';
import { acquireReadableStreamDefaultReader, readableStreamDefaultReaderRead, readableStreamDefaultReaderRelease } from './readable_readers.js';
import { readableStreamCancel } from './readable_stream.js';
import { ignore, queueMicrotask, react } from './support.js';
import { writableStreamAbort, writableStreamCloseQueuedOrInFlight } from './writable_stream.js';
import {
  acquireWritableStreamDefaultWriter, writableStreamDefaultWriterCloseWithErrorPropagation, writableStreamDefaultWriterGetDesiredSize, writableStreamDefaultWriterRelease,
  writableStreamDefaultWriterWrite,
} from './writable_writer.js';

/**
 * ReadableStreamPipeTo; neither stream may be locked.
 * @param {{ preventAbort: boolean, preventCancel: boolean, preventClose: boolean, signal?: AbortSignal }} options
 */
export function readableStreamPipeTo(source, destination, options) {
  const pipe = new Pipe(source, destination, options);
  pipe.start();
  return pipe.capability.promise;
}

const NO_ERROR = { __proto__: null };
/** Where no chunk is: any value of a tenant's is one. */
const NOTHING = { __proto__: null };

/** One pipe in progress; also the read request of its own reads. */
class Pipe {
  source;
  destination;
  options;
  reader;
  writer;
  capability = PromiseWithResolvers();
  shuttingDown = false;
  /** The slot of the last write. */
  lastWrite = undefined;
  /** A chunk that was read and is written in the next microtask. */
  unwritten = NOTHING;
  inRead = false;
  answered = false;
  abortAlgorithm = undefined;
  // The reactions of a pipe, made once and not for each chunk.
  onReady = () => this.#pump();
  onTurn = () => {
    this.#writeUnwritten();
    this.#pump();
  };

  constructor(source, destination, options) {
    this.source = source;
    this.destination = destination;
    this.options = options;
    this.reader = acquireReadableStreamDefaultReader(source);
    this.writer = acquireWritableStreamDefaultWriter(destination);
    source.disturbed = true;
  }

  start() {
    const { signal } = this.options;
    if (signal !== undefined) {
      this.abortAlgorithm = () => this.#abort(signalReason(signal));
      if (signalAborted(signal)) {
        this.abortAlgorithm();
        return;
      }
      addAbortAlgorithm(signal, this.abortAlgorithm);
    }
    this.#propagate();
    this.#pumpWhenReady();
  }

  /** The conditions that end a pipe, in the order of the standard. */
  #propagate() {
    const { source, destination, reader, writer } = this;
    if (source.state === 'errored') this.#sourceErrored(source.storedError);
    else reader.closed.react(() => this.#sourceClosed(), (error) => this.#sourceErrored(error));

    if (destination.state === 'errored') this.#destinationErrored(destination.storedError);
    else writer.closed.react(ignore, (error) => this.#destinationErrored(error));

    if (source.state === 'closed') this.#sourceClosed();
    if (writableStreamCloseQueuedOrInFlight(destination) || destination.state === 'closed') this.#destinationClosed();
  }

  #sourceErrored(error) {
    this.#shutdown(this.options.preventAbort ? undefined : () => writableStreamAbort(this.destination, error), error);
  }

  #destinationErrored(error) {
    this.#shutdown(this.options.preventCancel ? undefined : () => readableStreamCancel(this.source, error), error);
  }

  #sourceClosed() {
    this.#shutdown(this.options.preventClose ? undefined : () => writableStreamDefaultWriterCloseWithErrorPropagation(this.writer), NO_ERROR);
  }

  #destinationClosed() {
    const error = new TypeError('The destination of the pipe is closed or closing');
    this.#shutdown(this.options.preventCancel ? undefined : () => readableStreamCancel(this.source, error), error);
  }

  #abort(error) {
    const { preventAbort, preventCancel } = this.options;
    this.#shutdown(() => {
      const { source, destination } = this;
      const aborted = !preventAbort && destination.state === 'writable' ? writableStreamAbort(destination, error) : undefined;
      const canceled = !preventCancel && source.state === 'readable' ? readableStreamCancel(source, error) : undefined;
      return waitForBoth(aborted, canceled);
    }, error);
  }

  #pumpWhenReady() {
    this.writer.ready.react(this.onReady, ignore);
  }

  /** Moves chunks for as long as the source has some and the destination wants some. */
  #pump() {
    while (!this.shuttingDown && this.unwritten === NOTHING) {
      const desiredSize = writableStreamDefaultWriterGetDesiredSize(this.writer);
      if (desiredSize === null) return;
      if (desiredSize <= 0) {
        this.#pumpWhenReady();
        return;
      }
      this.inRead = true;
      this.answered = false;
      readableStreamDefaultReaderRead(this.reader, this);
      this.inRead = false;
      if (!this.answered) return;
    }
  }

  chunkSteps(chunk) {
    this.answered = true;
    if (this.inRead) {
      this.#write(chunk);
      return;
    }
    // The source is inside `enqueue`, which must not run the sink's code.
    this.unwritten = chunk;
    queueMicrotask(this.onTurn);
  }

  closeSteps() {}

  errorSteps() {}

  #write(chunk) {
    this.lastWrite = writableStreamDefaultWriterWrite(this.writer, chunk);
  }

  #writeUnwritten() {
    const chunk = this.unwritten;
    if (chunk === NOTHING) return;
    this.unwritten = NOTHING;
    this.#write(chunk);
  }

  /** "Shutdown with an action", or "shutdown" when there is none. */
  #shutdown(action, originalError) {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    const { destination } = this;
    if (destination.state === 'writable' && !writableStreamCloseQueuedOrInFlight(destination)) {
      this.#afterWrites(() => this.#perform(action, originalError));
    } else {
      this.#perform(action, originalError);
    }
  }

  /** Runs `steps` once every chunk that was read is written. */
  #afterWrites(steps) {
    this.#writeUnwritten();
    const { lastWrite } = this;
    if (lastWrite === undefined) {
      queueMicrotask(steps);
      return;
    }
    const settled = () => {
      // A read that was under way may have brought another chunk.
      if (this.lastWrite === lastWrite && this.unwritten === NOTHING) steps();
      else this.#afterWrites(steps);
    };
    lastWrite.react(settled, settled);
  }

  #perform(action, originalError) {
    if (action === undefined) {
      this.#finalize(originalError);
      return;
    }
    react(action(), () => this.#finalize(originalError), (error) => this.#finalize(error));
  }

  #finalize(error) {
    this.unwritten = NOTHING;
    writableStreamDefaultWriterRelease(this.writer);
    readableStreamDefaultReaderRelease(this.reader);
    if (this.abortAlgorithm !== undefined) removeAbortAlgorithm(this.options.signal, this.abortAlgorithm);
    if (error === NO_ERROR) this.capability.resolve(undefined);
    else this.capability.reject(error);
  }
}

/** Fulfills when both promises did, rejects as soon as one does; undefined counts as fulfilled. */
function waitForBoth(first, second) {
  if (first === undefined) return second ?? PromiseResolve(undefined);
  if (second === undefined) return first;
  const { promise, resolve, reject } = PromiseWithResolvers();
  react(first, () => react(second, resolve, ignore), reject);
  react(second, ignore, reject);
  return promise;
}

inheritNothing(Pipe);
