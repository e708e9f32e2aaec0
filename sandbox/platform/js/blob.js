// @ts-check
/**
 * Blob and File of the File API (https://w3c.github.io/FileAPI/).
 *
 * A blob's bytes are ranges of memory that nobody changes, so blobs made of blobs, and slices, share them.
 */
import { lazy } from './lazy.js';
import { ops } from './ops.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, PromiseReject, PromiseResolve, RegExpPrototypeExec, StringPrototypeSplit,
  StringPrototypeToLowerCase, TypeError, inheritNothing,
} from './primordials.js';
import {
  ArrayBufferIsView, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet, Uint8Array,
} from './primordials/buffers.js';
import { DateNow } from './primordials/date.js';
import { MathMax, MathMin } from './primordials/math.js';
import { registerSerializable } from './serializable.js';
import {
  configureInterface, converters, createDictionaryConverter, createEnumConverter, createSequenceConverter, privateToken,
  requiredArguments,
} from './webidl.js';
import { copyBufferSource, isArrayBuffer } from './webidl_buffers.js';

/** Whether `value` is a Blob. @type {(value: any) => boolean} */
export let isBlob;
/** The blob's bytes, not to be changed. @type {(blob: Blob) => Uint8Array} */
export let blobBytes;
/** The blob's `size` and `type`, past tenants' patches. */
export let blobSize;
export let blobType;
/** Whether the bytes lie in several places, so that `blobBytes` would copy them. */
export let isBlobScattered;
/** The ranges that a blob consists of. */
let blobRanges;
/** Makes something of a bare one. `super` is whatever a tenant has put there, so it is given nothing. */
let fillBlob;

export class Blob {
  /** Non-empty Uint8Arrays, in order. */
  #ranges;
  #size;
  #type;

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #ranges in value;
    blobSize = (blob) => blob.#size;
    blobType = (blob) => blob.#type;
    blobRanges = (blob) => blob.#ranges;
    fillBlob = (blob, { ranges, size, type }) => {
      blob.#ranges = ranges;
      blob.#size = size;
      blob.#type = type;
    };
    isBlobScattered = (blob) => blob.#ranges.length > 1;
    blobBytes = (blob) => {
      const ranges = blob.#ranges;
      if (ranges.length === 0) return new Uint8Array(0);
      // Joined once, and kept joined.
      if (ranges.length > 1) blob.#ranges = [join(ranges, blob.#size)];
      return blob.#ranges[0];
    };
  }

  constructor(blobParts = undefined, options = undefined) {
    if (blobParts === privateToken) {
      this.#ranges = options.ranges;
      this.#size = options.size;
      this.#type = options.type;
      return;
    }
    const prefix = "Failed to construct 'Blob'";
    const parts = blobParts === undefined ? [] : toParts(blobParts, prefix, 'Argument 1');
    const { endings, type } = toBlobPropertyBag(options, prefix, 'Argument 2');
    const contents = processParts(parts, endings);
    this.#ranges = contents.ranges;
    this.#size = contents.size;
    this.#type = normalizeType(type);
  }

  get size() {
    return this.#size;
  }

  get type() {
    return this.#type;
  }

  slice(start = undefined, end = undefined, contentType = undefined) {
    const size = this.#size;
    const prefix = "Failed to execute 'slice' on 'Blob'";
    const from = start === undefined ? 0 : relativeIndex(converters['long long'](start, prefix, 'Argument 1', CLAMP), size);
    const to = end === undefined ? size : relativeIndex(converters['long long'](end, prefix, 'Argument 2', CLAMP), size);
    const type = contentType === undefined ? '' : normalizeType(converters.DOMString(contentType, prefix, 'Argument 3'));
    const length = MathMax(to - from, 0);
    return new Blob(privateToken, { ranges: subRanges(this.#ranges, from, length), size: length, type });
  }

  stream() {
    return createBlobStream(this.#ranges);
  }

  text() {
    if (!isBlob(this)) return illegalInvocation();
    return readBlob(this, (bytes) => ops.utf8Decode(bytes, false), blobBytes);
  }

  arrayBuffer() {
    if (!isBlob(this)) return illegalInvocation();
    return readBlob(this, (bytes) => TypedArrayPrototypeGetBuffer(bytes));
  }

  bytes() {
    if (!isBlob(this)) return illegalInvocation();
    return readBlob(this, (bytes) => bytes);
  }
}

/** Whether `value` is a File. @type {(value: any) => boolean} */
export let isFile;
/** The file's `name` and `lastModified`, past tenants' patches. */
export let fileName;
let fileLastModified;

export class File extends Blob {
  #name;
  #lastModified;

  static {
    isFile = (value) => typeof value === 'object' && value !== null && #name in value;
    fileName = (file) => file.#name;
    fileLastModified = (file) => file.#lastModified;
  }

  constructor(fileBits, name, options = undefined) {
    if (fileBits === privateToken) {
      super();
      fillBlob(this, name);
      this.#name = name.name;
      this.#lastModified = name.lastModified;
      return;
    }
    const prefix = "Failed to construct 'File'";
    requiredArguments(arguments.length, 2, prefix);
    const parts = toParts(fileBits, prefix, 'Argument 1');
    const convertedName = converters.USVString(name, prefix, 'Argument 2');
    const { endings, type, lastModified } = toFilePropertyBag(options, prefix, 'Argument 3');
    const { ranges, size } = processParts(parts, endings);
    super();
    fillBlob(this, { __proto__: null, ranges, size, type: normalizeType(type) });
    this.#name = convertedName;
    this.#lastModified = lastModified;
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }
}

configureInterface(Blob, { inspectable: ['size', 'type'] });
configureInterface(File, { inspectable: ['name', 'lastModified'] });

/** A Blob of these bytes, which nobody may change from here on. */
export function createBlob(bytes, type) {
  return new Blob(privateToken, contentsOf(bytes, type));
}

/** A File of these bytes, which nobody may change from here on; `lastModified` in milliseconds since the epoch. */
export function createFile(bytes, name, type, lastModified = DateNow()) {
  const { ranges, size } = contentsOf(bytes, type);
  return new File(privateToken, { ranges, size, type: normalizeType(type), name, lastModified });
}

/** A File with a blob's bytes and type. */
export function createFileFromBlob(blob, name) {
  const lastModified = isFile(blob) ? fileLastModified(blob) : DateNow();
  return new File(privateToken, { ranges: blobRanges(blob), size: blobSize(blob), type: blobType(blob), name, lastModified });
}

const CLAMP = { __proto__: null, clamp: true };

const blobPropertyBag = () => [
  { key: 'endings', converter: createEnumConverter('EndingType', ['transparent', 'native']), defaultValue: () => 'transparent' },
  { key: 'type', converter: converters.DOMString, defaultValue: () => '' },
];
const toBlobPropertyBag = createDictionaryConverter('BlobPropertyBag', blobPropertyBag());
const toFilePropertyBag = createDictionaryConverter('FilePropertyBag', blobPropertyBag(), [
  { key: 'lastModified', converter: converters['long long'], defaultValue: DateNow },
]);

/** `sequence<(BufferSource or Blob or USVString)>`. */
const toParts = createSequenceConverter((value, prefix, context) => {
  if (isBlob(value) || ArrayBufferIsView(value) || isArrayBuffer(value)) return value;
  return converters.DOMString(value, prefix, context);
});

/** A Blob of strings and Blobs, whose memory it shares. */
export function createBlobOfParts(parts) {
  const { ranges, size } = processParts(parts, 'transparent');
  return new Blob(privateToken, { ranges, size, type: '' });
}

/** "Process blob parts": the bytes of converted parts. */
function processParts(parts, endings) {
  const ranges = [];
  let size = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (isBlob(part)) {
      size += blobSize(part);
      const shared = blobRanges(part);
      for (let j = 0; j < shared.length; j++) ArrayPrototypePush(ranges, shared[j]);
      continue;
    }
    const bytes = typeof part === 'string' ? ops.utf8Encode(endings === 'native' ? toNativeLineEndings(part) : part) : copyBufferSource(part);
    const length = TypedArrayPrototypeGetByteLength(bytes);
    size += length;
    if (length > 0) ArrayPrototypePush(ranges, bytes);
  }
  return { ranges, size };
}

/** "Convert line endings to native"; ours is a line feed. */
function toNativeLineEndings(text) {
  return ArrayPrototypeJoin(StringPrototypeSplit(ArrayPrototypeJoin(StringPrototypeSplit(text, '\r\n'), '\n'), '\r'), '\n');
}

const outsidePrintableAscii = /[^\x20-\x7e]/;

function normalizeType(type) {
  return RegExpPrototypeExec(outsidePrintableAscii, type) === null ? StringPrototypeToLowerCase(type) : '';
}

function relativeIndex(index, size) {
  return index < 0 ? MathMax(size + index, 0) : MathMin(index, size);
}

function contentsOf(bytes, type) {
  const size = TypedArrayPrototypeGetByteLength(bytes);
  return { ranges: size === 0 ? [] : [bytes], size, type };
}

/** The ranges of `length` bytes from `start` on, which lie within `ranges`. */
function subRanges(ranges, start, length) {
  const result = [];
  for (let i = 0; i < ranges.length && length > 0; i++) {
    const range = ranges[i];
    const available = TypedArrayPrototypeGetByteLength(range);
    if (start >= available) {
      start -= available;
      continue;
    }
    const count = MathMin(available - start, length);
    ArrayPrototypePush(result, view(range, start, count));
    start = 0;
    length -= count;
  }
  return result;
}

function view(bytes, start, length) {
  return new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, length);
}

function join(ranges, size) {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (let i = 0; i < ranges.length; i++) {
    TypedArrayPrototypeSet(bytes, ranges[i], offset);
    offset += TypedArrayPrototypeGetByteLength(ranges[i]);
  }
  return bytes;
}

/** A promise of what `convert` makes of a copy of the blob's bytes; rejected when there is no memory for it. */
function readBlob(blob, convert, read = (blob) => join(blobRanges(blob), blobSize(blob))) {
  try {
    return PromiseResolve(convert(read(blob)));
  } catch (error) {
    return PromiseReject(error);
  }
}

function illegalInvocation() {
  return PromiseReject(new TypeError('Illegal invocation'));
}

/** The blob's bytes as a stream. */
export function streamOfBlob(blob) {
  return createBlobStream(blobRanges(blob));
}

/** Streams are only loaded once a blob is streamed. */
function createBlobStream(ranges) {
  const streams = lazy('./streams/index.js');
  const source = new BlobSource(streams, ranges);
  source.stream = streams.createReadableByteStream(source);
  return source.stream;
}

const CHUNK_BYTES = 65536;

/** "Get stream": copies of at most CHUNK_BYTES of the ranges, as they are asked for. */
class BlobSource {
  constructor(streams, ranges) {
    this.streams = streams;
    this.ranges = ranges;
    this.index = 0;
    this.offset = 0;
    this.stream = undefined;
  }

  pull() {
    if (this.index === this.ranges.length) {
      this.streams.readableStreamClose(this.stream);
      return undefined;
    }
    const range = this.ranges[this.index];
    const rest = TypedArrayPrototypeGetByteLength(range) - this.offset;
    const chunk = copyBufferSource(view(range, this.offset, MathMin(rest, CHUNK_BYTES)));
    if (rest > CHUNK_BYTES) {
      this.offset += CHUNK_BYTES;
    } else {
      this.index++;
      this.offset = 0;
    }
    this.streams.readableStreamEnqueue(this.stream, chunk);
    return undefined;
  }

  cancel() {
    return undefined;
  }
}

inheritNothing(BlobSource);

registerSerializable(isBlob, (blob) => {
  const contents = { ranges: blobRanges(blob), size: blobSize(blob), type: blobType(blob) };
  if (!isFile(blob)) return new Blob(privateToken, contents);
  return new File(privateToken, { ...contents, name: fileName(blob), lastModified: fileLastModified(blob) });
});
