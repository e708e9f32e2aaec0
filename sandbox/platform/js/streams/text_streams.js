// @ts-check
/** Encoding Standard §7.5 "Interface TextDecoderStream" and §7.7 "Interface TextEncoderStream". */
import { StringPrototypeCharCodeAt, StringPrototypeSlice, inheritNothing } from '../primordials.js';
import { Uint8Array } from '../primordials/buffers.js';
import { encodingFromLabel } from '../encoding.js';
import { ops } from '../ops.js';
import { configureInterface, converters } from '../webidl.js';
import { bufferSourceForOp } from '../webidl_buffers.js';
import { toDictionary } from './support.js';
import { createTransformStreamSlots, transformStreamDefaultControllerEnqueue } from './transform_stream.js';

export class TextEncoderStream {
  #transform = createTransformStreamSlots(new EncoderTransformer());

  get encoding() {
    void this.#transform;
    return 'utf-8';
  }

  get readable() {
    return this.#transform.readable.platformObject;
  }

  get writable() {
    return this.#transform.writable.platformObject;
  }
}

export class TextDecoderStream {
  #transform;
  #encoding;
  #fatal;
  #ignoreBOM;

  constructor(label = 'utf-8', options = undefined) {
    const prefix = "Failed to construct 'TextDecoderStream'";
    const name = converters.DOMString(label, prefix, 'Argument 1');
    const dictionary = toDictionary(options, `${prefix}: the options`);
    this.#fatal = !!dictionary?.fatal;
    this.#ignoreBOM = !!dictionary?.ignoreBOM;
    this.#encoding = encodingFromLabel(name, prefix);
    this.#transform = createTransformStreamSlots(new DecoderTransformer(ops.decoderNew(this.#encoding, this.#fatal, this.#ignoreBOM)));
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

  get readable() {
    return this.#transform.readable.platformObject;
  }

  get writable() {
    return this.#transform.writable.platformObject;
  }
}

configureInterface(TextEncoderStream);
configureInterface(TextDecoderStream);

/** "Encode and enqueue a chunk", "encode and flush". */
class EncoderTransformer {
  /** A leading surrogate whose other half is the next chunk's first code unit. */
  leadingSurrogate = '';

  transform(chunk, controller) {
    let text = this.leadingSurrogate + converters.DOMString(chunk, 'Failed to encode a chunk', 'The chunk');
    const last = text.length - 1;
    this.leadingSurrogate = '';
    if (last >= 0 && isLeadingSurrogate(StringPrototypeCharCodeAt(text, last))) {
      this.leadingSurrogate = text[last];
      text = StringPrototypeSlice(text, 0, last);
    }
    if (text !== '') transformStreamDefaultControllerEnqueue(controller, ops.utf8Encode(text));
  }

  flush(controller) {
    if (this.leadingSurrogate !== '') transformStreamDefaultControllerEnqueue(controller, ops.utf8Encode(this.leadingSurrogate));
  }

  cancel() {}
}

/** "Decode and enqueue a chunk", "flush and enqueue". */
class DecoderTransformer {
  constructor(decoder) {
    this.decoder = decoder;
  }

  transform(chunk, controller) {
    const source = converters.BufferSource(chunk, 'Failed to decode a chunk', 'The chunk');
    this.#enqueue(ops.decoderDecode(this.decoder, bufferSourceForOp(source), true), controller);
  }

  flush(controller) {
    this.#enqueue(ops.decoderDecode(this.decoder, new Uint8Array(0), false), controller);
  }

  cancel() {}

  #enqueue(text, controller) {
    if (text !== '') transformStreamDefaultControllerEnqueue(controller, text);
  }
}

const isLeadingSurrogate = (unit) => unit >= 0xd800 && unit <= 0xdbff;

inheritNothing(EncoderTransformer, DecoderTransformer);
