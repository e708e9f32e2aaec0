// @ts-check
/**
 * FileReader and FileReaderSync of the File API (https://w3c.github.io/FileAPI/#reading-data-section).
 * Loaded when first used. A blob is in memory, so reading it takes no time, only turns.
 */

import { blobBytes, blobSize, blobType, isBlob } from './blob.js';
import { EventTarget, defineEventHandler, dispatch, hasEventListener, setIsTrusted } from './event.js';
import { ProgressEvent } from './event_types.js';
import { ops } from './ops.js';
import { ArrayPrototypeSplice, RegExpPrototypeExec } from './primordials.js';
import { TypedArrayPrototypeGetBuffer } from './primordials/buffers.js';
import { startTimer, cancelTimer } from './timers.js';
import { configureInterface, converters, createDOMException, createInterfaceConverter, defineConstants, requiredArguments } from './webidl.js';
import { copyBufferSource } from './webidl_buffers.js';

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

const toBlob = createInterfaceConverter('Blob', isBlob);

export class FileReader extends EventTarget {
  #readyState = EMPTY;
  #result = null;
  #error = null;
  /** The timer of the next step of a read operation. */
  #step = undefined;

  readAsArrayBuffer(blob) {
    const prefix = "Failed to execute 'readAsArrayBuffer' on 'FileReader'";
    this.#step;
    requiredArguments(arguments.length, 1, prefix);
    this.#read(toBlob(blob, prefix, 'Argument 1'), packageArrayBuffer, undefined, prefix);
  }

  readAsBinaryString(blob) {
    const prefix = "Failed to execute 'readAsBinaryString' on 'FileReader'";
    this.#step;
    requiredArguments(arguments.length, 1, prefix);
    this.#read(toBlob(blob, prefix, 'Argument 1'), packageBinaryString, undefined, prefix);
  }

  readAsText(blob, encoding = undefined) {
    const prefix = "Failed to execute 'readAsText' on 'FileReader'";
    this.#step;
    requiredArguments(arguments.length, 1, prefix);
    toBlob(blob, prefix, 'Argument 1');
    if (encoding !== undefined) encoding = converters.DOMString(encoding, prefix, 'Argument 2');
    this.#read(blob, packageText, encoding, prefix);
  }

  readAsDataURL(blob) {
    const prefix = "Failed to execute 'readAsDataURL' on 'FileReader'";
    this.#step;
    requiredArguments(arguments.length, 1, prefix);
    this.#read(toBlob(blob, prefix, 'Argument 1'), packageDataURL, undefined, prefix);
  }

  abort() {
    const wasLoading = this.#readyState === LOADING;
    this.#result = null;
    if (!wasLoading) return;
    this.#readyState = DONE;
    cancelTimer(this.#step);
    this.#step = undefined;
    fireProgressEvent(this, 'abort', 0, 0);
    if (this.#readyState !== LOADING) fireProgressEvent(this, 'loadend', 0, 0);
  }

  get readyState() {
    return this.#readyState;
  }

  get result() {
    return this.#result;
  }

  get error() {
    return this.#error;
  }

  /** "Read operation". */
  #read(blob, packageData, encoding, prefix) {
    if (this.#readyState === LOADING) throw createDOMException(`${prefix}: The reader is reading already.`, 'InvalidStateError');
    this.#readyState = LOADING;
    this.#result = null;
    this.#error = null;
    const size = blobSize(blob);
    const finish = () => {
      this.#readyState = DONE;
      try {
        this.#result = packageData(blob, encoding);
      } catch {
        this.#error = createDOMException('There is no memory for what was read.', 'NotReadableError');
      }
      fireProgressEvent(this, this.#error === null ? 'load' : 'error', size, size);
    };
    const steps = [() => fireProgressEvent(this, 'loadstart', 0, size), finish, () => fireProgressEvent(this, 'loadend', size, size)];
    if (size > 0) ArrayPrototypeSplice(steps, 1, 0, () => fireProgressEvent(this, 'progress', size, size));
    this.#run(steps, 0);
  }

  /** Each step in a turn of its own, so that what its listeners resolve goes on before the next. */
  #run(steps, index) {
    const step = startTimer(1, () => {
      steps[index]();
      // A listener may have aborted, or begun anew.
      if (this.#step === step && index + 1 < steps.length) this.#run(steps, index + 1);
    });
    this.#step = step;
  }
}

defineEventHandler(FileReader.prototype, 'loadstart');
defineEventHandler(FileReader.prototype, 'progress');
defineEventHandler(FileReader.prototype, 'load');
defineEventHandler(FileReader.prototype, 'abort');
defineEventHandler(FileReader.prototype, 'error');
defineEventHandler(FileReader.prototype, 'loadend');
configureInterface(FileReader, { length: 0, inspectable: ['readyState', 'result', 'error'] });
defineConstants(FileReader, { __proto__: null, EMPTY, LOADING, DONE });

export class FileReaderSync {
  #brand;

  readAsArrayBuffer(blob) {
    const prefix = "Failed to execute 'readAsArrayBuffer' on 'FileReaderSync'";
    this.#brand;
    requiredArguments(arguments.length, 1, prefix);
    return packageArrayBuffer(toBlob(blob, prefix, 'Argument 1'));
  }

  readAsBinaryString(blob) {
    const prefix = "Failed to execute 'readAsBinaryString' on 'FileReaderSync'";
    this.#brand;
    requiredArguments(arguments.length, 1, prefix);
    return packageBinaryString(toBlob(blob, prefix, 'Argument 1'));
  }

  readAsText(blob, encoding = undefined) {
    const prefix = "Failed to execute 'readAsText' on 'FileReaderSync'";
    this.#brand;
    requiredArguments(arguments.length, 1, prefix);
    toBlob(blob, prefix, 'Argument 1');
    return packageText(blob, encoding === undefined ? undefined : converters.DOMString(encoding, prefix, 'Argument 2'));
  }

  readAsDataURL(blob) {
    const prefix = "Failed to execute 'readAsDataURL' on 'FileReaderSync'";
    this.#brand;
    requiredArguments(arguments.length, 1, prefix);
    return packageDataURL(toBlob(blob, prefix, 'Argument 1'));
  }
}

configureInterface(FileReaderSync, { length: 0 });

/** "Fire a progress event". */
function fireProgressEvent(reader, type, loaded, total) {
  if (!hasEventListener(reader, type)) return;
  dispatch(reader, setIsTrusted(new ProgressEvent(type, { __proto__: null, lengthComputable: total > 0, loaded, total })));
}

// "Package data", by type.

function packageArrayBuffer(blob) {
  return TypedArrayPrototypeGetBuffer(copyBufferSource(blobBytes(blob)));
}

// As the native function numbers encodings.
const LATIN1 = 2;
const BASE64 = 4;

function packageBinaryString(blob) {
  return ops.bufferDecode(blobBytes(blob), LATIN1, 0, undefined);
}

function packageDataURL(blob) {
  return `data:${blobType(blob) || 'application/octet-stream'};base64,${ops.bufferDecode(blobBytes(blob), BASE64, 0, undefined)}`;
}

function packageText(blob, label) {
  const bytes = blobBytes(blob);
  const encoding = encodingOfMark(bytes) ?? encodingOfLabel(label) ?? encodingOfLabel(charsetOf(blobType(blob))) ?? 'utf-8';
  return encoding === 'utf-8' ? ops.utf8Decode(bytes, false) : ops.decoderDecode(ops.decoderNew(encoding, false, false), bytes, false);
}

/** "BOM sniff". */
function encodingOfMark(bytes) {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return undefined;
}

function encodingOfLabel(label) {
  return label === undefined ? undefined : ops.encodingName(label);
}

const charset = /;[\t ]*charset=(?:"([^"]*)"|([^;]*))/i;

function charsetOf(type) {
  const match = RegExpPrototypeExec(charset, type);
  return match === null ? undefined : (match[1] ?? match[2]);
}
