// @ts-check
/**
 * Bodies and the Body mixin of the Fetch Standard (https://fetch.spec.whatwg.org/#body-mixin).
 *
 * A body keeps the form that it was given in (text, bytes, a stream, or what arrives from the host)
 * until somebody asks for another: most bodies are read or sent whole and never become a stream.
 */

import { ifLoaded, lazy } from './lazy.js';
import { ops, resolved, then } from './ops.js';
import {
  PromiseReject, StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError,
} from './primordials.js';

const TEXT = 1;
const BYTES = 2;
const STREAM = 3;
const INCOMING = 4;
const BLOB = 5;

/** Up to here, joining is cheaper than a stream. */
const JOINED_BYTES = 65536;

const buffers = () => lazy('./primordials/buffers.js');
const sources = () => lazy('./webidl_buffers.js');
const streams = () => lazy('./streams/index.js');

export class Body {
  /** TEXT: a string, BYTES: a Uint8Array that nobody changes (clones and Blobs share it), STREAM: a ReadableStream, INCOMING: an IncomingBody, BLOB: a Blob whose bytes lie in several places. */
  #kind;
  #source;
  #length;
  /** Whether a body that is no stream was read. */
  #used = false;

  constructor(kind, source, length) {
    this.#kind = kind;
    this.#source = source;
    this.#length = length;
  }

  static ofText(text) {
    return new Body(TEXT, text, undefined);
  }

  static ofBytes(bytes) {
    return new Body(BYTES, bytes, buffers().TypedArrayPrototypeGetByteLength(bytes));
  }

  static ofStream(readable) {
    return new Body(STREAM, readable, undefined);
  }

  static ofBlob(blob) {
    const { blobBytes, blobSize, isBlobScattered } = lazy('./blob.js');
    return isBlobScattered(blob) && blobSize(blob) > JOINED_BYTES ? new Body(BLOB, blob, blobSize(blob)) : Body.ofBytes(blobBytes(blob));
  }

  /**
   * @param {number} stream the number of the stream that it arrives on
   * @param {() => void} [over] called when nothing more is expected on it
   */
  static ofIncoming(stream, over = undefined) {
    return new Body(INCOMING, new (lazy('./incoming_body.js').IncomingBody)(stream, over), undefined);
  }

  /** "Disturbed". */
  get used() {
    return this.#kind === STREAM ? streams().isReadableStreamDisturbed(this.#source) : this.#used;
  }

  get locked() {
    return this.#kind === STREAM && streams().isReadableStreamLocked(this.#source);
  }

  /** "Unusable". */
  get unusable() {
    return this.#kind === STREAM ? this.used || this.locked : this.#used;
  }

  /** The body as a stream, which it stays. */
  get readable() {
    if (this.#kind !== STREAM) {
      const used = this.#used;
      // Whoever reads what arrives, or took it, goes on with it.
      if (this.#kind === INCOMING) this.#source = used ? closedStream() : this.#source.readable();
      else this.#source = this.#kind === BLOB ? lazy('./blob.js').streamOfBlob(this.#source) : streamOf(this.#takeBytes());
      this.#kind = STREAM;
      // Somebody has read it in its other form: the stream looks read.
      if (used) streams().cancelReadableStream(this.#source, undefined);
    }
    return this.#source;
  }

  /**
   * "Consume body", up to the bytes. The body must be usable. They come in a box without prototype: a promise that is
   * resolved with them would show them to a tenant's `Object.prototype.then`. `owned`: nobody else has them.
   * @returns {Promise<{ bytes: Uint8Array, owned: boolean }>}
   */
  readBytes() {
    switch (this.#kind) {
      case STREAM:
        return streams().readAllBytes(this.#source);
      case INCOMING:
        this.#used = true;
        return this.#source.readAll();
      default:
        this.#used = true;
        return resolved({ __proto__: null, bytes: this.#takeBytes(), owned: false });
    }
  }

  /** @returns {Promise<string>} */
  readText() {
    return this.isHere ? resolved(this.takeText()) : then(this.readBytes(), decode);
  }

  /** Whether all of it is here: then it need not be waited for. */
  get isHere() {
    return this.#kind !== STREAM && this.#kind !== INCOMING;
  }

  /** The bytes of a body that is here, which keeps them. */
  takeBytes() {
    this.#used = true;
    return this.#takeBytes();
  }

  /** The text of a body that is here. */
  takeText() {
    this.#used = true;
    return this.#kind === TEXT ? withoutByteOrderMark(this.#source) : ops.utf8Decode(this.#takeBytes(), false);
  }

  /** "Clone": this body and the result can both be read. */
  clone() {
    if (this.#kind === TEXT || this.#kind === BYTES || this.#kind === BLOB) return new Body(this.#kind, this.#source, this.#length);
    const branches = streams().readableStreamTee(this.readable, true);
    this.#source = branches[0];
    return new Body(STREAM, branches[1], this.#length);
  }

  /** Whether it is a stream that somebody gave us or asked for. */
  get isStream() {
    return this.#kind === STREAM;
  }

  /** For a body that is not whole: its length when that is known, otherwise `true`, as `ops.respond` and `ops.fetch` take it. */
  get lengthOrTrue() {
    if (this.#kind === BLOB) return this.#length;
    return ifLoaded('./streams/identity.js')?.fixedLengthOf(this.#source) ?? true;
  }

  /** What `ops.respond` and `ops.fetch` take when the body is whole: a string or a Uint8Array; else undefined. */
  get whole() {
    return this.#kind === TEXT || this.#kind === BYTES ? this.#source : undefined;
  }

  /** The bytes of a body that is whole. */
  wholeBytes() {
    return this.#takeBytes();
  }

  markUsed() {
    this.#used = true;
  }

  /** Nobody will read it. */
  discard() {
    if (this.#kind === INCOMING && !this.#used) this.#source.cancel();
  }

  /** Takes the body for sending; this object looks used from now on. */
  transfer() {
    const taken = new Body(this.#kind, this.#source, this.#length);
    if (this.#kind === STREAM) {
      // The old object's stream is locked for good by the reader of a proxy of it.
      const proxy = streams().createTransform(identity);
      ops.markPromiseHandled(streams().pipeReadableTo(this.#source, proxy.writable));
      taken.#source = proxy.readable;
    } else {
      this.#used = true;
      if (this.#kind === INCOMING) this.#source = undefined;
    }
    return taken;
  }

  #takeBytes() {
    if (this.#kind === BLOB) this.#source = lazy('./blob.js').blobBytes(this.#source);
    else if (this.#kind === TEXT) this.#source = ops.utf8Encode(this.#source);
    this.#kind = BYTES;
    return this.#source;
  }
}

const identity = {
  transform: (chunk, controller) => streams().enqueueTransformed(controller, chunk),
  flush() {},
  cancel() {},
};

/** Stands for one that is read elsewhere. */
function closedStream() {
  const { createReadableByteStream, readableStreamClose } = streams();
  const readable = createReadableByteStream({ __proto__: null, pull() {}, cancel() {} });
  readableStreamClose(readable);
  return readable;
}

/** What "UTF-8 decode" does with the bytes of a text. */
const withoutByteOrderMark = (text) => (StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text);

const decode = (box) => ops.utf8Decode(box.bytes, false);

function streamOf(bytes) {
  const { createReadableByteStream, readableStreamClose, readableStreamEnqueue } = streams();
  let given = buffers().TypedArrayPrototypeGetByteLength(bytes) === 0;
  const readable = createReadableByteStream({
    pull() {
      if (!given) {
        given = true;
        readableStreamEnqueue(readable, sources().copyBufferSource(bytes));
      }
      readableStreamClose(readable);
    },
    cancel() {},
  });
  if (given) readableStreamClose(readable);
  return readable;
}

/**
 * "Extract a body" from what `toBodyInit` gave. Returns the body; its Content-Type is left in
 * `extractedType` (null for none) until the next call. Runs no code of a tenant.
 */
export function extractBody(object, prefix, keepalive = false) {
  if (typeof object === 'string') {
    extractedType = 'text/plain;charset=UTF-8';
    return Body.ofText(object);
  }
  extractedType = null;
  return extractObject(object, prefix, keepalive);
}
export let extractedType = null;

/** The conversion to BodyInit: objects that are bodies stay what they are, the rest are strings. */
export function toBodyInit(value, prefix) {
  if (typeof value === 'object' && value !== null && isBodyInit(value)) return value;
  return lazy('./webidl.js').converters.USVString(value, prefix, 'The body');
}

function isBodyInit(object) {
  return (
    sources().isBufferSource(object) ||
    ifLoaded('./streams/index.js')?.isReadableStream(object) === true ||
    ifLoaded('./url.js')?.isURLSearchParams(object) === true ||
    ifLoaded('./blob.js')?.isBlob(object) === true ||
    ifLoaded('./form_data.js')?.isFormData(object) === true
  );
}

function extractObject(object, prefix, keepalive) {
  if (sources().isBufferSource(object)) return Body.ofBytes(sources().copyBufferSource(object));
  const streamsModule = ifLoaded('./streams/index.js');
  if (streamsModule !== undefined && streamsModule.isReadableStream(object)) {
    if (keepalive) throw new TypeError(`${prefix}: A stream cannot be the body of a keepalive request.`);
    if (streamsModule.isReadableStreamDisturbed(object) || streamsModule.isReadableStreamLocked(object)) {
      throw new TypeError(`${prefix}: The stream is locked or was read from.`);
    }
    return Body.ofStream(object);
  }
  const url = ifLoaded('./url.js');
  if (url !== undefined && url.isURLSearchParams(object)) {
    extractedType = 'application/x-www-form-urlencoded;charset=UTF-8';
    return Body.ofText(url.serialize(url.urlSearchParamsList(object)));
  }
  const blob = ifLoaded('./blob.js');
  if (blob !== undefined && blob.isBlob(object)) {
    const type = blob.blobType(object);
    if (type !== '') extractedType = type;
    return Body.ofBlob(object);
  }
  const serialized = lazy('./form_data.js').serializeMultipart(object);
  extractedType = `multipart/form-data; boundary=${serialized.boundary}`;
  return Body.ofBlob(serialized.blob);
}

/** The Body mixin's members, for a class whose `bodyOf(this)` checks the brand and gives its body or null. */
export function defineBodyMixin(Class, bodyOf, contentTypeOf) {
  const consume = (object, method, read) => {
    try {
      const body = bodyOf(object);
      if (body !== null && body.unusable) throw new TypeError(`Failed to execute '${method}' on '${Class.name}': The body was already read or is being read.`);
      return read(body);
    } catch (error) {
      return PromiseReject(error);
    }
  };
  /** A promise of what `steps` make of the bytes. */
  const ofBytes = (body, steps) => {
    if (body === null) return resolved(steps({ bytes: ops.utf8Encode(''), owned: true }));
    if (body.isHere) return resolved(steps({ bytes: body.takeBytes(), owned: false }));
    return then(body.readBytes(), steps);
  };

  const mixin = {
    get body() {
      const body = bodyOf(this);
      return body === null ? null : body.readable;
    },
    get bodyUsed() {
      const body = bodyOf(this);
      return body !== null && body.used;
    },
    arrayBuffer() {
      return consume(this, 'arrayBuffer', (body) => ofBytes(body, ownBuffer));
    },
    blob() {
      return consume(this, 'blob', (body) => ofBytes(body, ({ bytes }) => lazy('./blob.js').createBlob(bytes, mimeTypeOf(contentTypeOf(this)))));
    },
    bytes() {
      return consume(this, 'bytes', (body) => ofBytes(body, ownBytes));
    },
    formData() {
      return consume(this, 'formData', (body) => ofBytes(body, ({ bytes }) => parseFormData(bytes, contentTypeOf(this))));
    },
    json() {
      return consume(this, 'json', (body) => {
        const { JSONParse } = lazy('./primordials/json.js');
        if (body === null || body.isHere) return resolved(JSONParse(body === null ? '' : body.takeText()));
        return then(body.readText(), (text) => JSONParse(text));
      });
    },
    text() {
      return consume(this, 'text', (body) => (body === null ? resolved('') : body.readText()));
    },
  };
  ops.copyMembers(Class.prototype, mixin);
}

/** Bytes that the tenant may change, in a buffer that holds nothing else. */
function ownBytes({ bytes, owned }) {
  const { ArrayBufferPrototypeGetByteLength, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength } = buffers();
  const alone = owned && ArrayBufferPrototypeGetByteLength(TypedArrayPrototypeGetBuffer(bytes)) === TypedArrayPrototypeGetByteLength(bytes);
  return alone ? bytes : sources().copyBufferSource(bytes);
}

const ownBuffer = (box) => buffers().TypedArrayPrototypeGetBuffer(ownBytes(box));

function mimeTypeOf(contentType) {
  const { extractMIMEType, serializeMIMEType } = lazy('./mime_type.js');
  const type = extractMIMEType(contentType);
  return type === undefined ? '' : serializeMIMEType(type);
}

function parseFormData(bytes, contentType) {
  const { extractMIMEType, parameter } = lazy('./mime_type.js');
  const type = extractMIMEType(contentType);
  if (type !== undefined && type.essence === 'application/x-www-form-urlencoded') return lazy('./form_data.js').parseUrlEncoded(ops.utf8Decode(bytes, true));
  if (type !== undefined && type.essence === 'multipart/form-data') {
    const boundary = parameter(type, 'boundary');
    if (boundary !== undefined) return lazy('./form_data.js').parseMultipart(bytes, boundary);
  }
  throw new TypeError(`The body has the type '${contentType ?? ''}', which is not a form.`);
}
