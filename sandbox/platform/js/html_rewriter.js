// @ts-check
/**
 * HTMLRewriter as Cloudflare Workers have it (https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/).
 *
 * Handlers may return promises; what follows in the document waits for them. Content is given as text, not as a stream.
 */

import { lazy } from './lazy.js';
import { ops, then } from './ops.js';
import {
  ArrayPrototypePush, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, PromiseResolve, PromiseWithResolvers, ReflectApply,
  TypeError, inheritNothing,
} from './primordials.js';
import { TypedArrayPrototypeGetLength } from './primordials/buffers.js';
import { createTokens, expireToken } from './html_rewriter_tokens.js';
import { isResponse, rewritableParts, rewrittenResponse } from './response.js';
import { createTransform, enqueueTransformed, pipeReadableTo } from './streams/index.js';
import { configureInterface, converters, requiredArguments } from './webidl.js';
import { bufferSourceForOp } from './webidl_buffers.js';

// Bits of what a handler is for; `src/ops/html_rewriter.rs` knows them, and the kinds below.
const USES = ['element', 1, 'comments', 2, 'text', 4, 'doctype', 8, 'end', 16];
/** Of the number of a handler that is the document's. */
const DOCUMENT = 1 << 20;

const HUNGRY = 0;
const OVER = 1;
const END_TAG = 7;
/** The member of a handler object by kind. */
const MEMBERS = [undefined, undefined, 'element', 'text', 'comments', 'doctype', 'end'];

export class HTMLRewriter {
  /** Flat: selector, what its handlers are for; and the handlers, as objects without prototype. */
  #selectors = [];
  #elementHandlers = [];
  #documentUses = [];
  #documentHandlers = [];

  on(selector, handlers) {
    const prefix = "Failed to execute 'on' on 'HTMLRewriter'";
    const selectors = this.#selectors;
    requiredArguments(arguments.length, 2, prefix);
    selector = converters.USVString(selector, prefix, 'Argument 1');
    ops.selectorCheck(selector);
    const given = toHandlers(handlers, 7, prefix);
    ArrayPrototypePush(selectors, selector, given.uses);
    ArrayPrototypePush(this.#elementHandlers, given);
    return this;
  }

  onDocument(handlers) {
    const prefix = "Failed to execute 'onDocument' on 'HTMLRewriter'";
    const uses = this.#documentUses;
    requiredArguments(arguments.length, 1, prefix);
    const given = toHandlers(handlers, 30, prefix);
    ArrayPrototypePush(uses, given.uses);
    ArrayPrototypePush(this.#documentHandlers, given);
    return this;
  }

  transform(response) {
    const prefix = "Failed to execute 'transform' on 'HTMLRewriter'";
    const selectors = this.#selectors;
    requiredArguments(arguments.length, 1, prefix);
    if (!isResponse(response)) throw new TypeError(`${prefix}: Argument 1 is not of type 'Response'.`);
    const { body, contentType } = rewritableParts(response);
    if (body === null) return rewrittenResponse(response, null);
    if (body.unusable) throw new TypeError(`${prefix}: The body was already read or is being read.`);
    const { extractMIMEType, parameter } = lazy('./mime_type.js');
    const type = extractMIMEType(contentType);
    const native = ops.rewriterNew(type === undefined ? undefined : parameter(type, 'charset'), selectors, this.#documentUses);
    const { readable, writable } = createTransform(new Rewriting(native, this.#elementHandlers, this.#documentHandlers));
    // What goes wrong is told by the readable side.
    ops.markPromiseHandled(pipeReadableTo(body.readable, writable));
    return rewrittenResponse(response, readable);
  }
}

configureInterface(HTMLRewriter);

/** The handlers of an object, read once, and called with it as `this`. */
function toHandlers(object, allowed, prefix) {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) throw new TypeError(`${prefix}: The handlers are not an object.`);
  const handlers = { __proto__: null, object, uses: 0 };
  for (let i = 0; i < USES.length; i += 2) {
    const bit = /** @type {number} */ (USES[i + 1]);
    const handler = (allowed & bit) === 0 ? undefined : object[USES[i]];
    if (handler === undefined || handler === null) continue;
    if (typeof handler !== 'function') throw new TypeError(`${prefix}: The handler '${USES[i]}' is not a function.`);
    handlers[USES[i]] = handler;
    handlers.uses |= bit;
  }
  return handlers;
}

/** One document on its way through; a transformer. */
class Rewriting {
  #native;
  #elementHandlers;
  #documentHandlers;
  /** Number → handler of an end tag. */
  #endTagHandlers = new Map();
  #lastEndTag = 0;
  #stopped = false;
  /** Of the chunk that waits for a handler. */
  #waiting = undefined;

  constructor(native, elementHandlers, documentHandlers) {
    this.#native = native;
    this.#elementHandlers = elementHandlers;
    this.#documentHandlers = documentHandlers;
  }

  get native() {
    return this.#native;
  }

  transform(chunk, controller) {
    const bytes = bufferSourceForOp(converters.Uint8Array(chunk, 'Failed to rewrite a chunk', 'The chunk'));
    const length = TypedArrayPrototypeGetLength(bytes);
    const piece = ops.rewriterPiece();
    let from = 0;
    return this.#loop(controller, () => {
      if (from >= length) return false;
      const due = ops.rewriterRun(this.#native, bytes, from);
      from += piece;
      return due;
    });
  }

  flush(controller) {
    let ended = false;
    return this.#loop(controller, () => {
      if (ended) return false;
      ended = true;
      return ops.rewriterRun(this.#native, null);
    });
  }

  cancel() {
    this.#stopped = true;
    ops.rewriterFree(this.#native);
    // The handler may never be done, and nobody waits for it any more.
    if (this.#waiting !== undefined) this.#waiting.resolve(undefined);
  }

  /** A handler to call when the end tag of the element at hand comes. */
  addEndTagHandler(handler) {
    const number = ++this.#lastEndTag;
    MapPrototypeSet(this.#endTagHandlers, number, handler);
    return number;
  }

  /**
   * Takes steps until `step` says false, and calls the handlers that become due in between. Returns a promise
   * when one of them does.
   */
  #loop(controller, step) {
    let capability;
    /** Whether it came to the end. */
    const advance = (due) => {
      while (due !== false) {
        if (due === HUNGRY || due === OVER) {
          this.#put(controller);
          due = step();
          continue;
        }
        const waits = this.#handle(due);
        if (waits !== undefined) {
          this.#put(controller);
          capability ??= PromiseWithResolvers();
          this.#waiting = capability;
          ops.react(waits, goOn, fail);
          return false;
        }
        due = ops.rewriterRun(this.#native, undefined);
      }
      return true;
    };
    const fail = (error) => {
      capability.reject(error);
      this.cancel();
    };
    const goOn = () => {
      try {
        if (this.#stopped || advance(ops.rewriterRun(this.#native, undefined))) capability.resolve(undefined);
      } catch (error) {
        fail(error);
      }
    };
    try {
      advance(step());
    } catch (error) {
      this.cancel();
      throw error;
    }
    return capability?.promise;
  }

  /** Calls the handler that is due; a promise if it returned one. */
  #handle(due) {
    const kind = due % 8;
    const number = (due - kind) / 8;
    const token = createTokens[kind](this);
    let result;
    if (kind === END_TAG) {
      const handler = MapPrototypeGet(this.#endTagHandlers, number);
      MapPrototypeDelete(this.#endTagHandlers, number);
      result = handler(token);
    } else {
      const handlers = number >= DOCUMENT ? this.#documentHandlers[number - DOCUMENT] : this.#elementHandlers[number];
      result = ReflectApply(handlers[MEMBERS[kind]], handlers.object, [token]);
    }
    if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
      expireToken(token);
      return undefined;
    }
    return then(PromiseResolve(result), () => expireToken(token));
  }

  #put(controller) {
    const output = ops.rewriterOutput(this.#native);
    if (TypedArrayPrototypeGetLength(output) > 0) enqueueTransformed(controller, output);
  }
}

inheritNothing(Rewriting);
