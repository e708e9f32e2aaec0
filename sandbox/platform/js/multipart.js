// @ts-check
/**
 * multipart/form-data (RFC 7578): the Fetch Standard's "multipart/form-data parser" and the HTML
 * Standard's "multipart/form-data encoding algorithm".
 *
 * Where the parser is more generous than the standard: it takes line breaks before the first boundary,
 * anything after the last one, the parameters of Content-Disposition in any order and without quotes,
 * and `filename*`, which widely used clients send.
 */
import { blobType, createBlobOfParts, createFile, fileName, isFile } from './blob.js';
import { createFormData, formDataEntries } from './form_data.js';
import { ops } from './ops.js';
import {
  ArrayPrototypeJoin, ArrayPrototypePush, decodeURIComponent, NumberPrototypeToString, RegExpPrototypeExec, StringPrototypePadStart,
  StringPrototypeSlice, StringPrototypeSplit, StringPrototypeToLowerCase, TypeError,
} from './primordials.js';
import {
  TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeIndexOf,
  Uint8Array,
} from './primordials/buffers.js';

/**
 * Parses a body.
 * @param {Uint8Array} bytes the Files of the result share them: nobody may change them from here on
 * @param {string} boundary of the Content-Type
 * @returns {import('./form_data.js').FormData}
 * @throws {TypeError} when the body is malformed
 */
export function parseMultipart(bytes, boundary) {
  return createFormData(new Parser(bytes, boundary).parse());
}

/**
 * Encodes a FormData. The result shares the memory of its files.
 * @returns {{ blob: import('./blob.js').Blob, boundary: string }}
 */
export function serializeMultipart(formData) {
  const boundary = createBoundary();
  const entries = formDataEntries(formData);
  const pieces = [];
  for (let i = 0; i < entries.length; i += 2) {
    const value = entries[i + 1];
    const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(normalizeNewlines(entries[i]))}"`;
    if (isFile(value)) {
      const type = blobType(value) || 'application/octet-stream';
      ArrayPrototypePush(pieces, `${disposition}; filename="${escapeName(fileName(value))}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n');
    } else {
      ArrayPrototypePush(pieces, `${disposition}\r\n\r\n${normalizeNewlines(value)}\r\n`);
    }
  }
  ArrayPrototypePush(pieces, `--${boundary}--\r\n`);
  return { blob: createBlobOfParts(pieces), boundary };
}

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

class Parser {
  position = 0;

  constructor(bytes, boundary) {
    if (boundary === '') throw new TypeError('The multipart boundary is empty');
    this.bytes = bytes;
    this.length = TypedArrayPrototypeGetByteLength(bytes);
    /** CR LF, two dashes and the boundary: what ends a part. */
    this.delimiter = ops.utf8Encode(`\r\n--${boundary}`);
    this.delimiterLength = TypedArrayPrototypeGetByteLength(this.delimiter);
  }

  parse() {
    const entries = [];
    while (this.#isLineBreak()) this.position += 2;
    this.#skipFirstDelimiter();
    while (!this.#isLastDelimiter()) {
      this.#skipPadding();
      this.#skipLineBreak();
      const headers = this.#headers();
      const body = this.#body();
      ArrayPrototypePush(entries, headers.name, toValue(headers, body));
    }
    return entries;
  }

  /** The first delimiter has no line break of its own. */
  #skipFirstDelimiter() {
    for (let i = 2; i < this.delimiterLength; i++) if (this.bytes[this.position++] !== this.delimiter[i]) fail('it does not begin with the boundary');
  }

  #isLastDelimiter() {
    return this.bytes[this.position] === DASH && this.bytes[this.position + 1] === DASH;
  }

  #isLineBreak() {
    return this.bytes[this.position] === CR && this.bytes[this.position + 1] === LF;
  }

  /** Spaces and tabs that may follow a boundary (RFC 2046 §5.1.1). */
  #skipPadding() {
    while (this.bytes[this.position] === 0x20 || this.bytes[this.position] === 0x09) this.position++;
  }

  #skipLineBreak() {
    if (!this.#isLineBreak()) fail(this.position >= this.length ? 'it ends early' : 'a line break is missing');
    this.position += 2;
  }

  /** "Parse multipart/form-data headers". */
  #headers() {
    const headers = { name: undefined, filename: undefined, contentType: undefined };
    while (!this.#isLineBreak()) {
      const line = this.#line();
      const match = RegExpPrototypeExec(headerLine, line) ?? fail('a header is malformed');
      const field = StringPrototypeToLowerCase(match[1]);
      if (field === 'content-disposition') readDisposition(trimBlanks(match[2]), headers);
      else if (field === 'content-type') headers.contentType = trimBlanks(match[2]);
    }
    this.position += 2;
    if (headers.name === undefined) fail('a part has no name');
    return headers;
  }

  /** The text up to the next line break, as UTF-8. */
  #line() {
    const start = this.position;
    let end = start;
    do {
      end = TypedArrayPrototypeIndexOf(this.bytes, CR, end);
      if (end < 0) fail('it ends within the headers of a part');
    } while (this.bytes[++end] !== LF);
    this.position = end + 1;
    return ops.utf8Decode(subarray(this.bytes, start, end - 1), true);
  }

  /** The bytes up to the next delimiter, which is skipped. */
  #body() {
    const start = this.position;
    const end = ops.findBytes(this.bytes, this.delimiter, start);
    if (end < 0) fail('the last boundary is missing');
    this.position = end + this.delimiterLength;
    return subarray(this.bytes, start, end);
  }
}

// None of these backtracks over more than a token: the text is a stranger's.
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/s;
const dispositionType = /^form-data[ \t]*(?=;|$)/i;
const dispositionParameter = /^;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"([^"]*)"|([^";\s]*))[ \t]*/;
const extendedValue = /^utf-8'[^']*'(.*)$/i;

function readDisposition(text, headers) {
  const type = RegExpPrototypeExec(dispositionType, text) ?? fail('a part is not form-data');
  let rest = StringPrototypeSlice(text, type[0].length);
  let extendedFilename;
  while (rest !== '' && rest !== ';') {
    const match = RegExpPrototypeExec(dispositionParameter, rest) ?? fail('a Content-Disposition is malformed');
    const key = StringPrototypeToLowerCase(match[1]);
    const value = match[2] ?? match[3];
    if (key === 'name') headers.name = unescapeName(value);
    else if (key === 'filename') headers.filename = unescapeName(value);
    else if (key === 'filename*') extendedFilename = decodeExtended(value);
    rest = StringPrototypeSlice(rest, match[0].length);
  }
  if (extendedFilename !== undefined) headers.filename = extendedFilename;
}

/** The value of a `filename*` (RFC 8187), or undefined when it cannot be decoded. */
function decodeExtended(value) {
  const match = RegExpPrototypeExec(extendedValue, value);
  if (match === null) return undefined;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return undefined;
  }
}

function toValue({ filename, contentType }, body) {
  if (filename === undefined) return ops.utf8Decode(body, true);
  return createFile(body, filename, contentType ?? 'text/plain');
}

function trimBlanks(text) {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start++;
  while (start < end && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return StringPrototypeSlice(text, start, end);
}

function fail(reason) {
  throw new TypeError(`The body is not valid multipart/form-data: ${reason}`);
}

function escapeName(name) {
  return replaceAll(replaceAll(replaceAll(name, '\n', '%0A'), '\r', '%0D'), '"', '%22');
}

function unescapeName(name) {
  return replaceAll(replaceAll(replaceAll(name, '%0A', '\n'), '%0D', '\r'), '%22', '"');
}

/** Every line break, of whichever kind, becomes CR LF. */
function normalizeNewlines(text) {
  return replaceAll(replaceAll(replaceAll(text, '\r\n', '\n'), '\r', '\n'), '\n', '\r\n');
}

function replaceAll(text, from, to) {
  return ArrayPrototypeJoin(StringPrototypeSplit(text, from), to);
}

function createBoundary() {
  const random = new Uint8Array(16);
  ops.randomFill(random);
  let boundary = '----InsulaFormBoundary';
  for (let i = 0; i < 16; i++) boundary += StringPrototypePadStart(NumberPrototypeToString(random[i], 16), 2, '0');
  return boundary;
}

function subarray(bytes, start, end) {
  return new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
}
