// @ts-check
/** What handlers of an HTMLRewriter are given. A token lives as long as its handler is at work. */

import { ops } from './ops.js';
import { ArrayPrototypePush, IteratorPrototype, ObjectSetPrototypeOf, TypeError } from './primordials.js';
import { configureInterface, converters, requiredArguments } from './webidl.js';

// Methods; `src/ops/html_rewriter.rs` numbers them so.
const BEFORE = 0;
const AFTER = 1;
const REPLACE = 2;
const REMOVE = 3;
const REMOVED = 4;
const PREPEND = 5;
const APPEND = 6;
const SET_INNER_CONTENT = 7;
const REMOVE_AND_KEEP_CONTENT = 8;
const NAME = 9;
const SET_NAME = 10;
const GET_ATTRIBUTE = 11;
const HAS_ATTRIBUTE = 12;
const SET_ATTRIBUTE = 13;
const REMOVE_ATTRIBUTE = 14;
const ATTRIBUTES = 15;
const NAMESPACE = 16;
const ON_END_TAG = 17;
const CONTENT = 18;
const SET_CONTENT = 19;
const LAST_IN_TEXT_NODE = 20;
const PUBLIC_ID = 21;
const SYSTEM_ID = 22;

/** The handler is done: the token is of no use any more. */
export let expireToken;
let rewritingOf;
let bindToken;

/** Nothing goes through the constructors, which call whatever a tenant has made of the class above. */
class Token {
  #rewriting;

  static {
    bindToken = (token, rewriting) => {
      token.#rewriting = rewriting;
      return token;
    };
    expireToken = (token) => {
      token.#rewriting = undefined;
    };
    rewritingOf = (token) => {
      const rewriting = token.#rewriting;
      if (rewriting === undefined) throw new TypeError('This token can only be used until its handler is done');
      return rewriting;
    };
  }
}

const act = (token, method, text = undefined, value = undefined) => ops.rewriterAct(rewritingOf(token).native, method, text, value, false);

/** For methods that take `(content, { html })`. */
function actWithContent(token, method, args) {
  const { native } = rewritingOf(token);
  requiredArguments(args.length, 1, 'Failed to change a document');
  const content = converters.USVString(args[0], 'Failed to change a document', 'Argument 1');
  const options = args[1];
  const html = options !== undefined && options !== null && !!options.html;
  ops.rewriterAct(native, method, content, undefined, html);
  return token;
}

function toText(args, index, what) {
  requiredArguments(args.length, index + 1, what);
  return converters.USVString(args[index], what, `Argument ${index + 1}`);
}

class Edited extends Token {
  before(content, options = undefined) {
    return actWithContent(this, BEFORE, arguments);
  }

  after(content, options = undefined) {
    return actWithContent(this, AFTER, arguments);
  }

  replace(content, options = undefined) {
    return actWithContent(this, REPLACE, arguments);
  }

  remove() {
    act(this, REMOVE);
    return this;
  }

  get removed() {
    return act(this, REMOVED);
  }
}

class Element extends Edited {
  get tagName() {
    return act(this, NAME);
  }

  set tagName(name) {
    act(this, SET_NAME, converters.USVString(name, "Failed to set 'tagName' on 'Element'", 'The value'));
  }

  get namespaceURI() {
    return act(this, NAMESPACE);
  }

  get attributes() {
    const flat = act(this, ATTRIBUTES);
    const pairs = [];
    for (let i = 0; i < flat.length; i += 2) ArrayPrototypePush(pairs, [flat[i], flat[i + 1]]);
    return createIterator(pairs);
  }

  getAttribute(name) {
    return act(this, GET_ATTRIBUTE, toText(arguments, 0, "Failed to execute 'getAttribute' on 'Element'"));
  }

  hasAttribute(name) {
    return act(this, HAS_ATTRIBUTE, toText(arguments, 0, "Failed to execute 'hasAttribute' on 'Element'"));
  }

  setAttribute(name, value) {
    const what = "Failed to execute 'setAttribute' on 'Element'";
    requiredArguments(arguments.length, 2, what);
    act(this, SET_ATTRIBUTE, toText(arguments, 0, what), toText(arguments, 1, what));
    return this;
  }

  removeAttribute(name) {
    act(this, REMOVE_ATTRIBUTE, toText(arguments, 0, "Failed to execute 'removeAttribute' on 'Element'"));
    return this;
  }

  prepend(content, options = undefined) {
    return actWithContent(this, PREPEND, arguments);
  }

  append(content, options = undefined) {
    return actWithContent(this, APPEND, arguments);
  }

  setInnerContent(content, options = undefined) {
    return actWithContent(this, SET_INNER_CONTENT, arguments);
  }

  removeAndKeepContent() {
    act(this, REMOVE_AND_KEEP_CONTENT);
    return this;
  }

  onEndTag(handler) {
    const what = "Failed to execute 'onEndTag' on 'Element'";
    const rewriting = rewritingOf(this);
    requiredArguments(arguments.length, 1, what);
    converters.Function(handler, what, 'Argument 1');
    act(this, ON_END_TAG, `${rewriting.addEndTagHandler(handler)}`);
  }
}

class EndTag extends Edited {
  get name() {
    return act(this, NAME);
  }

  set name(name) {
    act(this, SET_NAME, converters.USVString(name, "Failed to set 'name' on 'EndTag'", 'The value'));
  }
}

class Text extends Edited {
  get text() {
    return act(this, CONTENT);
  }

  get lastInTextNode() {
    return act(this, LAST_IN_TEXT_NODE);
  }
}

class Comment extends Edited {
  get text() {
    return act(this, CONTENT);
  }

  set text(text) {
    act(this, SET_CONTENT, converters.USVString(text, "Failed to set 'text' on 'Comment'", 'The value'));
  }
}

class Doctype extends Token {
  get name() {
    return act(this, NAME);
  }

  get publicId() {
    return act(this, PUBLIC_ID);
  }

  get systemId() {
    return act(this, SYSTEM_ID);
  }
}

class DocumentEnd extends Token {
  append(content, options = undefined) {
    return actWithContent(this, APPEND, arguments);
  }
}

configureInterface(Token);
configureInterface(Edited);
configureInterface(Element);
configureInterface(EndTag);
configureInterface(Text);
configureInterface(Comment);
configureInterface(Doctype);
configureInterface(DocumentEnd);

/** An iterator over an array that nothing of a tenant's has a part in. */
function createIterator(array) {
  let index = 0;
  const iterator = {
    next() {
      const done = index >= array.length;
      return { value: done ? undefined : array[index++], done };
    },
  };
  ObjectSetPrototypeOf(iterator, IteratorPrototype);
  return iterator;
}

/** By kind, as `src/ops/html_rewriter.rs` numbers them from 2 on. */
export const createTokens = [
  undefined,
  undefined,
  (rewriting) => bindToken(new Element(), rewriting),
  (rewriting) => bindToken(new Text(), rewriting),
  (rewriting) => bindToken(new Comment(), rewriting),
  (rewriting) => bindToken(new Doctype(), rewriting),
  (rewriting) => bindToken(new DocumentEnd(), rewriting),
  (rewriting) => bindToken(new EndTag(), rewriting),
];
