// @ts-check
/**
 * TextEncoder and TextDecoder of the Encoding Standard (https://encoding.spec.whatwg.org/#api).
 */

import { ops } from './ops.js';
import { RangeError } from './primordials/range_error.js';
import { Uint32Array, Uint8Array } from './primordials/buffers.js';
import { configureInterface, converters, createDictionaryConverter, requiredArguments } from './webidl.js';
import { bufferSourceForOp } from './webidl_buffers.js';

export class TextEncoder {
  #brand;

  get encoding() {
    this.#brand;
    return 'utf-8';
  }

  encode(input = '') {
    this.#brand;
    return ops.utf8Encode(converters.DOMString(input, "Failed to execute 'encode' on 'TextEncoder'", 'Argument 1'));
  }

  encodeInto(source, destination) {
    const prefix = "Failed to execute 'encodeInto' on 'TextEncoder'";
    this.#brand;
    requiredArguments(arguments.length, 2, prefix);
    source = converters.DOMString(source, prefix, 'Argument 1');
    converters.Uint8Array(destination, prefix, 'Argument 2');
    ops.utf8EncodeInto(source, destination, counts);
    return { read: counts[0], written: counts[1] };
  }
}

/** UTF-16 code units read and bytes written by the last `encodeInto`. */
const counts = new Uint32Array(2);

configureInterface(TextEncoder);

const toDecoderOptions = createDictionaryConverter('TextDecoderOptions', [
  { key: 'fatal', converter: converters.boolean, defaultValue: () => false },
  { key: 'ignoreBOM', converter: converters.boolean, defaultValue: () => false },
]);

/** "Get an encoding", or a RangeError. */
export function encodingFromLabel(label, prefix) {
  const name = ops.encodingName(label);
  if (name === undefined) throw new RangeError(`${prefix}: The encoding label provided ('${label}') is invalid.`);
  return name;
}

export class TextDecoder {
  #encoding;
  #fatal = false;
  #ignoreBOM = false;
  /** The native decoder in the middle of a stream; undefined between streams. */
  #decoder = undefined;

  constructor(label = 'utf-8', options = undefined) {
    const prefix = "Failed to construct 'TextDecoder'";
    label = converters.DOMString(label, prefix, 'Argument 1');
    if (options !== undefined && options !== null) {
      const { fatal, ignoreBOM } = toDecoderOptions(options, prefix, 'Argument 2');
      this.#fatal = fatal;
      this.#ignoreBOM = ignoreBOM;
    }
    this.#encoding = label === 'utf-8' ? label : encodingFromLabel(label, prefix);
  }

  get encoding() {
    return this.#encoding;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input = undefined, options = undefined) {
    const prefix = "Failed to execute 'decode' on 'TextDecoder'";
    const encoding = this.#encoding;
    if (options === undefined && input !== undefined && encoding === 'utf-8' && !this.#fatal && this.#decoder === undefined) {
      // The op knows bytes from what is none, which is then told below.
      const text = ops.utf8Decode(input, this.#ignoreBOM);
      if (text !== undefined) return text;
    }
    const bytes = input === undefined ? noBytes : bufferSourceForOp(converters.BufferSource(input, prefix, 'Argument 1'));
    const stream = options !== undefined && options !== null && !!converters.object(options, prefix, 'Argument 2').stream;

    if (!stream && this.#decoder === undefined && encoding === 'utf-8' && !this.#fatal) return ops.utf8Decode(bytes, this.#ignoreBOM);
    const decoder = this.#decoder ?? ops.decoderNew(encoding, this.#fatal, this.#ignoreBOM);
    // A decoder that ended or failed is not used again; the next call starts afresh.
    this.#decoder = undefined;
    const text = ops.decoderDecode(decoder, bytes, stream);
    if (stream) this.#decoder = decoder;
    return text;
  }
}

const noBytes = new Uint8Array(0);

configureInterface(TextDecoder, { length: 0, inspectable: ['encoding', 'fatal', 'ignoreBOM'] });
