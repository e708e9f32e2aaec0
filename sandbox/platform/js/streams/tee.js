// @ts-check
/** Streams Standard §4.9.1: ReadableStreamTee and the two algorithms behind it. */
import { PromiseWithResolvers, inheritNothing } from '../primordials.js';
import {
  ArrayBufferPrototypeSlice, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, Uint8Array,
} from '../primordials/buffers.js';
import { lazy } from '../lazy.js';
import {
  isReadableByteStreamController, readableByteStreamControllerClose, readableByteStreamControllerEnqueue, readableByteStreamControllerError,
  readableByteStreamControllerGetBYOBRequest, readableByteStreamControllerRespond, readableByteStreamControllerRespondWithNewView,
} from './readable_byte_stream.js';
import { readableStreamDefaultControllerClose, readableStreamDefaultControllerEnqueue, readableStreamDefaultControllerError } from './readable_default_controller.js';
import {
  acquireReadableStreamBYOBReader, acquireReadableStreamDefaultReader, readableStreamBYOBReaderRead, readableStreamBYOBReaderRelease, readableStreamDefaultReaderRead,
  readableStreamDefaultReaderRelease,
} from './readable_readers.js';
import { createReadableByteStreamSlots, createReadableStreamSlots, readableStreamCancel } from './readable_stream.js';
import { ignore, queueMicrotask } from './support.js';

/**
 * ReadableStreamTee. Throws a TypeError when the stream is locked.
 * @returns {any[]} the two branches' slots
 */
export function readableStreamTee(stream, cloneForBranch2) {
  if (isReadableByteStreamController(stream.controller)) return new ByteTee(stream).branches();
  return new DefaultTee(stream, cloneForBranch2).branches();
}

/** What both kinds of tee know about their branches' cancellation. */
class Tee {
  stream;
  reader;
  branch1 = undefined;
  branch2 = undefined;
  canceled1 = false;
  canceled2 = false;
  reason1 = undefined;
  reason2 = undefined;
  cancelCapability = PromiseWithResolvers();
  reading = false;

  constructor(stream) {
    this.stream = stream;
    this.reader = acquireReadableStreamDefaultReader(stream);
  }

  branches() {
    return [this.branch1, this.branch2];
  }

  cancelBranch(isBranch2, reason) {
    if (isBranch2) {
      this.canceled2 = true;
      this.reason2 = reason;
    } else {
      this.canceled1 = true;
      this.reason1 = reason;
    }
    if (this.canceled1 && this.canceled2) this.cancelCapability.resolve(readableStreamCancel(this.stream, [this.reason1, this.reason2]));
    return this.cancelCapability.promise;
  }

  resolveCancelUnlessBothDid() {
    if (!this.canceled1 || !this.canceled2) this.cancelCapability.resolve(undefined);
  }

  failBoth(error, errorController) {
    errorController(this.branch1.controller, error);
    errorController(this.branch2.controller, error);
  }
}

/** One branch's pull and cancel algorithms. */
class BranchSource {
  constructor(tee, isBranch2) {
    this.tee = tee;
    this.isBranch2 = isBranch2;
  }

  pull() {
    this.tee.pull(this.isBranch2);
    return undefined;
  }

  cancel(reason) {
    return this.tee.cancelBranch(this.isBranch2, reason);
  }
}

/** ReadableStreamDefaultTee; also the read request of its own reads. */
class DefaultTee extends Tee {
  cloneForBranch2;
  readAgain = false;

  constructor(stream, cloneForBranch2) {
    super(stream);
    this.cloneForBranch2 = cloneForBranch2;
    this.branch1 = createReadableStreamSlots(new BranchSource(this, false));
    this.branch2 = createReadableStreamSlots(new BranchSource(this, true));
    this.reader.closed.react(ignore, (error) => {
      this.failBoth(error, readableStreamDefaultControllerError);
      this.resolveCancelUnlessBothDid();
    });
  }

  pull() {
    if (this.reading) {
      this.readAgain = true;
      return;
    }
    this.reading = true;
    readableStreamDefaultReaderRead(this.reader, this);
  }

  chunkSteps(chunk) {
    // An error shows itself a microtask late (through reader.closed); a chunk must not overtake it.
    queueMicrotask(() => this.#distribute(chunk));
  }

  #distribute(chunk) {
    this.readAgain = false;
    let chunk2 = chunk;
    if (!this.canceled2 && this.cloneForBranch2) {
      try {
        chunk2 = lazy('./structured_clone.js').clone(chunk);
      } catch (error) {
        this.failBoth(error, readableStreamDefaultControllerError);
        this.cancelCapability.resolve(readableStreamCancel(this.stream, error));
        return;
      }
    }
    if (!this.canceled1) readableStreamDefaultControllerEnqueue(this.branch1.controller, chunk);
    if (!this.canceled2) readableStreamDefaultControllerEnqueue(this.branch2.controller, chunk2);
    this.reading = false;
    if (this.readAgain) this.pull();
  }

  closeSteps() {
    this.reading = false;
    if (!this.canceled1) readableStreamDefaultControllerClose(this.branch1.controller);
    if (!this.canceled2) readableStreamDefaultControllerClose(this.branch2.controller);
    this.resolveCancelUnlessBothDid();
  }

  errorSteps() {
    this.reading = false;
  }
}

/** ReadableByteStreamTee; also the read request of its reads with a default reader. */
class ByteTee extends Tee {
  readAgainForBranch1 = false;
  readAgainForBranch2 = false;

  constructor(stream) {
    super(stream);
    this.branch1 = createReadableByteStreamSlots(new BranchSource(this, false));
    this.branch2 = createReadableByteStreamSlots(new BranchSource(this, true));
    this.#forwardReaderError(this.reader);
  }

  #forwardReaderError(thisReader) {
    thisReader.closed.react(ignore, (error) => {
      if (thisReader !== this.reader) return;
      this.failBoth(error, readableByteStreamControllerError);
      this.resolveCancelUnlessBothDid();
    });
  }

  pull(isBranch2) {
    if (this.reading) {
      if (isBranch2) this.readAgainForBranch2 = true;
      else this.readAgainForBranch1 = true;
      return;
    }
    this.reading = true;
    const request = readableByteStreamControllerGetBYOBRequest((isBranch2 ? this.branch2 : this.branch1).controller);
    if (request === null) this.#pullWithDefaultReader();
    else this.#pullWithBYOBReader(request.view, isBranch2);
  }

  #pullWithDefaultReader() {
    if (this.reader.isBYOB) {
      readableStreamBYOBReaderRelease(this.reader);
      this.reader = acquireReadableStreamDefaultReader(this.stream);
      this.#forwardReaderError(this.reader);
    }
    readableStreamDefaultReaderRead(this.reader, this);
  }

  #pullWithBYOBReader(view, forBranch2) {
    if (!this.reader.isBYOB) {
      readableStreamDefaultReaderRelease(this.reader);
      this.reader = acquireReadableStreamBYOBReader(this.stream);
      this.#forwardReaderError(this.reader);
    }
    readableStreamBYOBReaderRead(this.reader, view, 1, new ByteTeeReadInto(this, forBranch2));
  }

  chunkSteps(chunk) {
    // An error shows itself a microtask late (through reader.closed); a chunk must not overtake it.
    queueMicrotask(() => this.#distribute(chunk));
  }

  #distribute(chunk) {
    this.startDistribution();
    let chunk2 = chunk;
    if (!this.canceled1 && !this.canceled2) {
      chunk2 = this.cloneOrFail(chunk);
      if (chunk2 === undefined) return;
    }
    if (!this.canceled1) readableByteStreamControllerEnqueue(this.branch1.controller, chunk);
    if (!this.canceled2) readableByteStreamControllerEnqueue(this.branch2.controller, chunk2);
    this.endDistribution();
  }

  startDistribution() {
    this.readAgainForBranch1 = false;
    this.readAgainForBranch2 = false;
  }

  /** CloneAsUint8Array, or undefined after failing both branches for want of memory. */
  cloneOrFail(chunk) {
    try {
      return cloneAsUint8Array(chunk);
    } catch (error) {
      this.failBoth(error, readableByteStreamControllerError);
      this.cancelCapability.resolve(readableStreamCancel(this.stream, error));
      return undefined;
    }
  }

  endDistribution() {
    this.reading = false;
    if (this.readAgainForBranch1) this.pull(false);
    else if (this.readAgainForBranch2) this.pull(true);
  }

  closeSteps() {
    this.reading = false;
    const controller1 = this.branch1.controller;
    const controller2 = this.branch2.controller;
    if (!this.canceled1) readableByteStreamControllerClose(controller1);
    if (!this.canceled2) readableByteStreamControllerClose(controller2);
    if (controller1.pendingPullIntos.size > 0) readableByteStreamControllerRespond(controller1, 0);
    if (controller2.pendingPullIntos.size > 0) readableByteStreamControllerRespond(controller2, 0);
    this.resolveCancelUnlessBothDid();
  }

  errorSteps() {
    this.reading = false;
  }
}

/** The read-into request of a pull with a branch's own view. */
class ByteTeeReadInto {
  constructor(tee, forBranch2) {
    this.tee = tee;
    this.forBranch2 = forBranch2;
  }

  get byobCanceled() {
    return this.forBranch2 ? this.tee.canceled2 : this.tee.canceled1;
  }

  get otherCanceled() {
    return this.forBranch2 ? this.tee.canceled1 : this.tee.canceled2;
  }

  get byobController() {
    return (this.forBranch2 ? this.tee.branch2 : this.tee.branch1).controller;
  }

  get otherController() {
    return (this.forBranch2 ? this.tee.branch1 : this.tee.branch2).controller;
  }

  chunkSteps(chunk) {
    queueMicrotask(() => this.#distribute(chunk));
  }

  #distribute(chunk) {
    const { tee } = this;
    tee.startDistribution();
    let clone;
    if (!this.otherCanceled) {
      clone = tee.cloneOrFail(chunk);
      if (clone === undefined) return;
    }
    if (!this.byobCanceled) readableByteStreamControllerRespondWithNewView(this.byobController, chunk);
    if (clone !== undefined) readableByteStreamControllerEnqueue(this.otherController, clone);
    tee.endDistribution();
  }

  closeSteps(chunk) {
    this.tee.reading = false;
    const { byobCanceled, otherCanceled } = this;
    if (!byobCanceled) readableByteStreamControllerClose(this.byobController);
    if (!otherCanceled) readableByteStreamControllerClose(this.otherController);
    if (chunk !== undefined) {
      if (!byobCanceled) readableByteStreamControllerRespondWithNewView(this.byobController, chunk);
      if (!otherCanceled && this.otherController.pendingPullIntos.size > 0) readableByteStreamControllerRespond(this.otherController, 0);
    }
    if (!byobCanceled || !otherCanceled) this.tee.cancelCapability.resolve(undefined);
  }

  errorSteps() {
    this.tee.reading = false;
  }
}

function cloneAsUint8Array(view) {
  const start = TypedArrayPrototypeGetByteOffset(view);
  return new Uint8Array(ArrayBufferPrototypeSlice(TypedArrayPrototypeGetBuffer(view), start, start + TypedArrayPrototypeGetByteLength(view)));
}

inheritNothing(Tee, BranchSource, ByteTeeReadInto);
